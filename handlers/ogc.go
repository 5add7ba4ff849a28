package handlers

import (
	"wangge/handlers/ogc"
	"wangge/handlers/web"
)

func ogcLanding(r *apiRequest) (*web.Reply, error)     { return web.OK(r.OGC.Landing(r.Text)), nil }
func ogcConformance(r *apiRequest) (*web.Reply, error) { return web.OK(r.OGC.Conformance()), nil }
func ogcCollections(r *apiRequest) (*web.Reply, error) { return web.OK(r.OGC.Collections(r.Text)), nil }

func ogcAPI(r *apiRequest) (*web.Reply, error) {
	return &web.Reply{Status: 200, Body: r.OGC.API(r.Now), ContentType: ogc.OpenAPI}, nil
}

func ogcCollection(r *apiRequest) (*web.Reply, error) {
	out, err := r.OGC.Collection(r.Param("collection"), r.Text)
	if err != nil {
		return nil, err
	}
	return web.OK(out), nil
}

// ogcRequest is the question in the terms of the standard.
func (r *apiRequest) ogcRequest() ogc.Request {
	return ogc.Request{Actor: r.Actor, Collection: r.Param("collection"), Query: r.Query.All(), Now: r.Now}
}

func ogcItems(r *apiRequest) (*web.Reply, error) {
	page, err := r.OGC.Items(r.Ctx, r.ogcRequest())
	if err != nil {
		return nil, err
	}
	return &web.Reply{Status: 200, Body: page, ContentType: ogc.GeoJSON}, nil
}

func ogcItem(r *apiRequest) (*web.Reply, error) {
	out, err := r.OGC.Item(r.Ctx, r.ogcRequest(), r.Param("feature"))
	if err != nil {
		return nil, err
	}
	return &web.Reply{Status: 200, Body: out, ContentType: ogc.GeoJSON}, nil
}
