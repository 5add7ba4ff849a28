package handlers

import (
	"errors"
	"fmt"

	"wangge/geo/tile"
	"wangge/handlers/tiles"
	"wangge/handlers/web"
)

func describeTiles(r *apiRequest) (*web.Reply, error) {
	out, err := r.Tiles.Describe(r.Actor, r.Param("layer"), r.Text)
	if err != nil {
		return nil, err
	}
	return web.OK(out), nil
}

func getTile(r *apiRequest) (*web.Reply, error) {
	a, err := r.Tiles.Tile(r.Ctx, tiles.Request{
		Actor: r.Actor, Layer: r.Param("layer"), Z: r.Param("z"), X: r.Param("x"), Y: r.Param("y"),
		AcceptEncoding: r.Header("Accept-Encoding"), IfNoneMatch: r.Header("If-None-Match"), Now: r.Now,
	})
	if out := (*tile.RangeError)(nil); errors.As(err, &out) {
		return nil, web.BadPath(out.Axis, fmt.Sprintf("应为 0 到 %d 的整数", out.Most), fmt.Sprintf("must be a whole number from 0 to %d", out.Most))
	}
	if err != nil {
		return nil, err
	}
	for name, value := range a.Header {
		if name == "Vary" {
			r.Vary(value) // beside what else it differs by
			continue
		}
		r.SetHeader(name, value)
	}
	return &web.Reply{Status: a.Status, Raw: a.Body, ContentType: tiles.ContentType}, nil
}
