package handlers

import "wangge/handlers/ogc"

func ogcLanding(r *request) (*reply, error)     { return ok(r.OGC.Landing(r.lang().text)), nil }
func ogcConformance(r *request) (*reply, error) { return ok(r.OGC.Conformance()), nil }
func ogcCollections(r *request) (*reply, error) { return ok(r.OGC.Collections(r.lang().text)), nil }

func ogcAPI(r *request) (*reply, error) {
	return &reply{status: 200, body: r.OGC.API(), contentType: ogc.OpenAPI}, nil
}

func ogcCollection(r *request) (*reply, error) {
	out, err := r.OGC.Collection(r.c.Params("collection"), r.lang().text)
	if err != nil {
		return nil, err
	}
	return ok(out), nil
}

// ogcRequest is the question in the terms of the standard.
func (r *request) ogcRequest() ogc.Request {
	return ogc.Request{Actor: r.actor, Collection: r.c.Params("collection"), Query: r.query.all(), Now: r.now}
}

func ogcItems(r *request) (*reply, error) {
	page, err := r.OGC.Items(r.ctx, r.ogcRequest())
	if err != nil {
		return nil, err
	}
	return &reply{status: 200, body: page, contentType: ogc.GeoJSON}, nil
}

func ogcItem(r *request) (*reply, error) {
	out, err := r.OGC.Item(r.ctx, r.ogcRequest(), r.c.Params("feature"))
	if err != nil {
		return nil, err
	}
	return &reply{status: 200, body: out, contentType: ogc.GeoJSON}, nil
}
