package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"wangge/domain"
	"wangge/geo"
	"wangge/handlers/web"
)

// drawnTexts are the members of GeoJSON that are read as texts; others are let be.
var drawnTexts = []string{"type", "code", "name", "kind", "community", "parent"}

// checkDrawing holds a body of GeoJSON to what decode holds other bodies to:
// no member twice, texts that are texts, and of the whole document nothing
// missing. It reads token by token, since such bodies are large. What is
// wrong with features is found, and told, by who reads them; so is what is no JSON or nested too deep.
// holds is the member that the document is about. It ends with the request's
// time, and when it has found as much as anybody reads.
func (r *apiRequest) checkDrawing(holds string) error {
	c := drawingCheck{ctx: r.Ctx, holds: holds, dec: json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(r.Body, []byte("\ufeff"))))}
	c.dec.UseNumber()
	err := c.value()
	if late := r.Ctx.Err(); late != nil {
		return late
	}
	if err != nil && err != errEnoughFaults {
		return nil
	}
	return c.bad.Err()
}

const drawingFaultsMost = 1_000 // that are told of one body

var (
	errDeepDrawing  = errors.New("nested too deep")
	errEnoughFaults = errors.New("enough is wrong")
)

type drawingCheck struct {
	ctx   context.Context
	holds string
	dec   *json.Decoder
	path  []any // names and places that lead to the value
	bad   domain.InvalidError
}

func (c *drawingCheck) value() error {
	if len(c.path) > geo.MaxDepth {
		return errDeepDrawing
	}
	if len(c.bad.Fields) >= drawingFaultsMost {
		return errEnoughFaults
	}
	if err := c.ctx.Err(); err != nil {
		return err
	}
	token, err := c.dec.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case string:
		if n := len(c.path); n > 0 {
			if name, _ := c.path[n-1].(string); slices.Contains(drawnTexts, name) {
				if fault := domain.TextFault(v, false); fault != (domain.Text{}) {
					c.bad.Add(c.pointer(), fault)
				}
			}
		}
	case json.Delim:
		if v == '{' {
			return c.object()
		}
		for i := 0; c.dec.More(); i++ {
			c.path = append(c.path, i)
			if err := c.value(); err != nil {
				return err
			}
			c.path = c.path[:len(c.path)-1]
		}
		_, err = c.dec.Token()
	}
	return err
}

func (c *drawingCheck) object() error {
	names := map[string]bool{}
	for c.dec.More() {
		token, err := c.dec.Token()
		if err != nil {
			return err
		}
		name := token.(string)
		c.path = append(c.path, name)
		if names[name] {
			c.bad.Add(c.pointer(), domain.T("字段重复", "given more than once"))
		}
		names[name] = true
		if err := c.value(); err != nil {
			return err
		}
		c.path = c.path[:len(c.path)-1]
	}
	if len(c.path) == 0 {
		if !names["type"] {
			c.bad.Add("/type", domain.Missing)
		}
		if !names[c.holds] && !(c.holds == "geometry" && names["coordinates"]) { // a geometry alone is a boundary too
			c.bad.Add("/"+c.holds, domain.Missing)
		}
	}
	_, err := c.dec.Token()
	return err
}

func (c *drawingCheck) pointer() string {
	at := ""
	for _, part := range c.path {
		switch part := part.(type) {
		case string:
			at = web.Below(at, part)
		case int:
			at += "/" + strconv.Itoa(part)
		}
	}
	return at
}
