package handlers

import (
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"wangge/domain"
	"wangge/geo/tile"
	"wangge/handlers/tiles"
)

func describeTiles(r *request) (*reply, error) {
	out, err := r.Tiles.Describe(r.actor, r.c.Params("layer"), r.lang().text)
	if err != nil {
		return nil, err
	}
	return ok(out), nil
}

func getTile(r *request) (*reply, error) {
	a, err := r.Tiles.Tile(r.ctx, tiles.Request{
		Actor: r.actor, Layer: r.c.Params("layer"), Z: r.c.Params("z"), X: r.c.Params("x"), Y: r.c.Params("y"),
		AcceptEncoding: r.c.Get(fiber.HeaderAcceptEncoding), IfNoneMatch: r.c.Get(fiber.HeaderIfNoneMatch), Now: r.now,
	})
	if out := (*tile.RangeError)(nil); errors.As(err, &out) {
		return nil, badPath(out.Axis, fmt.Sprintf("应为 0 到 %d 的整数", out.Most), fmt.Sprintf("must be a whole number from 0 to %d", out.Most))
	}
	if err != nil {
		return nil, err
	}
	for name, value := range a.Header {
		if name == fiber.HeaderVary {
			r.c.Vary(value) // beside what else it differs by
			continue
		}
		r.c.Set(name, value)
	}
	return &reply{status: a.Status, raw: a.Body, contentType: tiles.ContentType}, nil
}

// badPath is a 400 for one parameter of the path.
func badPath(name, zh, en string) error {
	e := &domain.InvalidError{}
	e.Add("{"+name+"}", domain.T(zh, en))
	return &queryError{e}
}
