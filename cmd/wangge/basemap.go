package main

import (
	"errors"
	"net/url"
	"strings"

	"wangge/handlers"
)

// baseMapSettings are those of the map that lies below ours.
var baseMapSettings = []setting{
	{"base-map", "WANGGE_BASE_MAP", "", "address of the tiles of a map to lay below the console's, with {z}, {x} and {y}; browsers of all who look are sent there, and see the key in it; empty: none", "serve",
		func(c *config, v string) (err error) { c.baseMap.Tiles, err = tileURL(v); return err }},
	{"base-map-datum", "WANGGE_BASE_MAP_DATUM", "wgs84", "datum that these tiles are drawn in: wgs84 (Tianditu, OpenStreetMap) or gcj02 (AMap, Tencent)", "serve",
		func(c *config, v string) error {
			return oneOf(v, []string{"wgs84", "gcj02"}, []string{"wgs84", "gcj02"}, &c.baseMap.Datum)
		}},
	{"base-map-attribution", "WANGGE_BASE_MAP_ATTRIBUTION", "", "whose map it is, as its licence has it said", "serve",
		func(c *config, v string) error { c.baseMap.Attribution = v; return nil }},
}

// configuredBaseMap is nil where there is none.
func (c *config) configuredBaseMap() *handlers.BaseMap {
	if c.baseMap.Tiles == "" {
		return nil
	}
	return &c.baseMap
}

// tileURL takes an address of tiles. Its host becomes part of the content
// security policy, so it is a plain one.
func tileURL(v string) (string, error) {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || strings.ContainsAny(u.Host, "{}*;, '") {
		return "", errors.New("is not an http:// or https:// address of tiles such as https://tiles.example.org/{z}/{x}/{y}.png")
	}
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if strings.Count(v, part) != 1 {
			return "", errors.New("does not have {z}, {x} and {y} once each")
		}
	}
	return v, nil
}
