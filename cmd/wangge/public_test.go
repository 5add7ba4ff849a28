package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// private gathers what staff read of people and tickets: every text that says who, what or where exactly.
func private(into map[string]bool, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			private(into, name, e)
		}
	case []any:
		for _, e := range v {
			private(into, name, e)
		}
	case string:
		switch name {
		case "id", "number", "title", "description", "address", "phone", "name", "username", "createdAt", "updatedAt", "dueAt", "note", "text":
			if utf8.RuneCountInString(v) > 2 {
				into[v] = true
			}
		}
	}
}

// Nothing that staff read of the demonstration's people and tickets is in what
// anybody is told, but what is published and the names of places.
func TestThePublicIsToldNothingPrivate(t *testing.T) {
	r := start(t, "--demo", "--data", filled(t), "--log-level", "warn")
	_, in := r.call(t, "POST", "/v1/sessions", "", `{"username":"admin","password":"wangge-demo"}`)
	token, _ := in["accessToken"].(string)
	secrets, open := map[string]bool{}, map[string]bool{}
	for _, path := range []string{"/v1/tickets", "/v1/accounts", "/v1/households?area=320508018", "/v1/visits?area=320508018", "/v1/organisations"} {
		joint := "?"
		if strings.Contains(path, "?") {
			joint = "&"
		}
		for cursor := ""; ; {
			status, page := r.call(t, "GET", path+joint+"limit=500"+cursor, token, "")
			if status != 200 {
				t.Fatalf("%s: %d %v", path, status, page)
			}
			private(secrets, "", page["items"])
			next, _ := page["next"].(string)
			if cursor = "&cursor=" + next; next == "" {
				break
			}
		}
	}
	before := len(secrets)
	published := 0
	for _, path := range []string{"/v1/areas", "/v1/cells", "/v1/stations", "/v1/categories"} { // places, and who is published
		for cursor := ""; ; {
			_, page := r.call(t, "GET", path+"?limit=500"+cursor, token, "")
			items, _ := page["items"].([]any)
			for _, item := range items {
				it, _ := item.(map[string]any)
				staff, _ := it["staff"].([]any)
				for _, p := range staff {
					if post, _ := p.(map[string]any); post["published"] != nil {
						private(open, "", post["published"])
						published++
					}
				}
				delete(it, "staff")
				delete(it, "covers")
				delete(it, "staffing")
				private(open, "", it)
			}
			next, _ := page["next"].(string)
			if cursor = "&cursor=" + next; next == "" {
				break
			}
		}
	}
	for known := range open {
		delete(secrets, known)
	}
	if len(secrets) < 100 || published == 0 {
		t.Fatalf("%d of %d are private, %d are published: nothing to look for", len(secrets), before, published)
	}
	paths := []string{"/public/map/tickets.json", "/public/map/cells.json"}
	for _, layer := range []string{"tickets", "cells", "communities", "streets"} {
		for z, xy := range map[int][4]int{10: {854, 856, 417, 419}, 14: {13678, 13688, 6688, 6698}} {
			for x := xy[0]; x <= xy[1]; x++ {
				for y := xy[2]; y <= xy[3]; y++ {
					paths = append(paths, fmt.Sprintf("/public/map/%s/%d/%d/%d.mvt", layer, z, x, y))
				}
			}
		}
	}
	for lon := 120.60; lon < 120.66; lon += 0.004 {
		for lat := 31.29; lat < 31.33; lat += 0.004 {
			paths = append(paths, fmt.Sprintf("/public/my-cell?lon=%.4f&lat=%.4f&datum=wgs84", lon, lat))
		}
	}
	told := 0
	for _, path := range paths {
		content := r.read(t, path)
		told += len(content)
		for secret := range secrets {
			if strings.Contains(content, secret) {
				t.Errorf("%s tells %q", path, secret)
			}
		}
	}
	if told < 10_000 {
		t.Errorf("only %d bytes are told", told)
	}
}

// read is what anybody gets; nothing where nothing is.
func (r *running) read(t *testing.T, path string) string {
	t.Helper()
	client := http.Client{Timeout: time.Minute}
	res, err := client.Get(r.base + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 && res.StatusCode != 204 && res.StatusCode != 404 {
		t.Fatalf("%s: %d %v", path, res.StatusCode, err)
	}
	return string(content)
}
