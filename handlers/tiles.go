package handlers

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"wangge/domain/civil"
	"wangge/domain/policy"
	"wangge/domain/ticket"
	"wangge/geo/tile"
	"wangge/handlers/tiles"
	"wangge/handlers/web"
)

func describeTiles(r *apiRequest) (*web.Reply, error) {
	q, err := r.tileRequest()
	if err != nil {
		return nil, err
	}
	query := url.Values{}
	for name, value := range r.Query.All() {
		query.Set(name, value)
	}
	asked := query.Encode()
	if asked != "" {
		asked = "?" + asked
	}
	out, err := r.Tiles.Describe(r.Ctx, q, asked, r.Text)
	if err != nil {
		return nil, err
	}
	return web.OK(out), nil
}

// describePublicTiles is describeTiles for anybody.
func describePublicTiles(r *apiRequest) (*web.Reply, error) {
	out, err := r.Tiles.DescribePublic(r.Param("layer"), r.Text)
	if err != nil {
		return nil, err
	}
	return web.OK(out), nil
}

func getPublicTile(r *apiRequest) (*web.Reply, error) {
	return r.tileReply(r.Tiles.PublicTile(r.Ctx, r.tileAsked()))
}

// tileAsked is the tile of the path.
func (r *apiRequest) tileAsked() tiles.Request {
	return tiles.Request{
		Actor: r.Actor, Layer: r.Param("layer"), Z: r.Param("z"), X: r.Param("x"), Y: r.Param("y"),
		AcceptEncoding: r.Header("Accept-Encoding"), IfNoneMatch: r.Header("If-None-Match"), Now: r.Now,
	}
}

// tileRequest reads what is asked for, in the path or beside it; a parameter is
// as unknown to a layer that does not take it as any other.
func (r *apiRequest) tileRequest() (tiles.Request, error) {
	q := r.tileAsked()
	for _, name := range tiles.Parameters() {
		if _, given := r.Query.Find(name); given && tiles.Known(q.Layer) && !tiles.Takes(q.Layer, name) {
			return q, web.BadQuery(name, "此图层没有这个查询参数", "this layer has no such parameter")
		}
	}
	var err error
	if q.Filter.States, err = oneOf[ticket.State](r, "state", ticket.StateWords); err != nil {
		return q, err
	}
	if _, given := r.Query.Find("category"); given { // else the words of all streets need not be gathered
		if q.Filter.Categories, err = oneOf[string](r, "category", r.Tickets.Categories(r.Now)); err != nil {
			return q, err
		}
	}
	if q.Filter.Urgencies, err = oneOf[ticket.Urgency](r, "urgency", policy.UrgencyWords); err != nil {
		return q, err
	}
	if q.Filter.Overdue, err = r.Flag("overdue"); err != nil {
		return q, err
	}
	q.At, err = r.dayOrInstant("at")
	return q, err
}

// dayOrInstant reads a time, or a day, which stands for its last moment; zero when it is absent.
func (r *apiRequest) dayOrInstant(name string) (time.Time, error) {
	if day, ok := civil.ParseDate(r.Query.Get(name)); ok {
		return day.Start().AddDate(0, 0, 1).Add(-time.Millisecond), nil // which the last of all days has too
	}
	t, err := r.Instant(name)
	if err != nil {
		err = web.BadQuery(name, "应为日期或 RFC 3339 时间", "must be a date or an RFC 3339 time")
	}
	return t, err
}

func getTile(r *apiRequest) (*web.Reply, error) {
	q, err := r.tileRequest()
	if err != nil {
		return nil, err
	}
	return r.tileReply(r.Tiles.Tile(r.Ctx, q))
}

func (r *apiRequest) tileReply(a *tiles.Answer, err error) (*web.Reply, error) {
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
