package ogc

import "time"

// object is a JSON object.
type object = map[string]any

// API returns the OpenAPI 3.0 document of these resources (requirements
// /req/oas30): the OGC's tests and its clients read no later version.
func (s *Features) API(now time.Time) object {
	paths := object{
		"/":            object{"get": operation("getLandingPage", "The landing page", "Capabilities", nil, JSON, ref("landingPage"))},
		"/conformance": object{"get": operation("getConformance", "The classes of the standard that are implemented", "Capabilities", nil, JSON, ref("confClasses"))},
		"/api":         object{"get": operation("getAPI", "This document", "Capabilities", nil, OpenAPI, object{"type": "object"})},
		"/collections": object{"get": operation("getCollections", "The collections", "Capabilities", nil, JSON, ref("collections"))},
	}
	for _, id := range []string{cells, tickets} {
		asked := []any{parameter("limit"), parameter("bbox"), parameter("datetime"), parameter("cursor")}
		for _, q := range queryables[id] {
			schema := object{"type": "string"}
			if words := q.words(s, now); len(words) > 0 {
				schema["enum"] = words
			}
			asked = append(asked, object{"name": q.name, "in": "query", "required": false, "description": q.about,
				"schema": schema, "style": "form", "explode": false})
		}
		at := "/collections/" + id
		paths[at] = object{"get": operation("describe_"+id, "What the collection holds", id, nil, JSON, ref("collection"))}
		var more []string
		if id == tickets { // cells are looked through in memory
			more = []string{"422"}
		}
		paths[at+"/items"] = object{"get": operation("list_"+id, "A page of features", id, asked, GeoJSON, ref("featureCollection"), more...)}
		paths[at+"/items/{featureId}"] = object{"get": operation("get_"+id, "One feature", id, []any{parameter("featureId")}, GeoJSON, ref("feature"), "404")}
	}
	return object{
		"openapi": "3.0.3",
		"info": object{"title": "wangge: OGC API - Features", "version": "1.0",
			"description": "Grid cells and residents' issues. A bearer token shows tickets as their list shows them to its holder; without one they are in their public form."},
		"servers":  []any{object{"url": s.base}},
		"tags":     []any{object{"name": "Capabilities"}, object{"name": cells}, object{"name": tickets}},
		"security": []any{object{}, object{"bearer": []any{}}},
		"paths":    paths,
		"components": object{
			"securitySchemes": object{"bearer": object{"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
			"parameters":      parameters, "responses": responses, "schemas": schemas,
		},
	}
}

func ref(schema string) object     { return object{"$ref": "#/components/schemas/" + schema} }
func parameter(name string) object { return object{"$ref": "#/components/parameters/" + name} }

// operation is a GET that answers 200 with the schema, or with a problem: what
// any operation may answer, and more.
func operation(id, summary, tag string, asked []any, media string, schema object, more ...string) object {
	answers := object{"200": object{"description": summary, "content": object{media: object{"schema": schema}}}}
	for _, status := range append([]string{"400", "401", "500", "503"}, more...) {
		answers[status] = object{"$ref": "#/components/responses/" + status}
	}
	out := object{"operationId": id, "tags": []any{tag}, "summary": summary, "responses": answers}
	if asked != nil {
		out["parameters"] = asked
	}
	return out
}

var parameters = object{
	"limit": object{"name": "limit", "in": "query", "required": false, "style": "form", "explode": false,
		"description": "How many features a page has at most.",
		"schema":      object{"type": "integer", "minimum": 1, "maximum": limitMost, "default": limitDefault}},
	"bbox": object{"name": "bbox", "in": "query", "required": false, "style": "form", "explode": false,
		"description": "Only features that meet the box: west, south, east, north, or with heights west, south, lowest, east, north, highest. A box whose west is greater than its east crosses the antimeridian.",
		"schema": object{"type": "array", "minItems": 4, "maxItems": 6, "items": number,
			"oneOf": []any{object{"minItems": 4, "maxItems": 4}, object{"minItems": 6, "maxItems": 6}}}},
	"datetime": object{"name": "datetime", "in": "query", "required": false, "style": "form", "explode": false,
		"description": "Only features whose time lies in this instant or interval: RFC 3339, begin/end, .. for an open end, or an ISO 8601 duration for one of the ends. The time of a cell is when its boundary came into force (validFrom), of a ticket when it was reported, in public the day of that in China.",
		"schema":      object{"type": "string"}},
	"cursor": object{"name": "cursor", "in": "query", "required": false, "style": "form", "explode": false,
		"description": "Where the page begins, from a next link.", "schema": object{"type": "string"}},
	"featureId": object{"name": "featureId", "in": "path", "required": true, "description": "Identifier of the feature.",
		"schema": object{"type": "string"}},
}

var responses = object{
	"400": problem("The request is malformed, or a query parameter is unknown or has no valid value."),
	"401": problem("The token is not valid."),
	"404": problem("There is no such feature, or none for the caller to see."),
	"422": problem("Too much lies in the box or period to look through for what else is asked: narrow it."),
	"500": problem("A server error occurred."),
	"503": problem("The service is unavailable for the moment."),
}

func problem(description string) object {
	return object{"description": description, "content": object{"application/problem+json": object{"schema": ref("exception")}}}
}

var schemas = object{
	"link": typed(object{"href": text, "rel": text, "type": text, "title": text}, "href", "rel"),
	"landingPage": typed(object{"title": text, "description": text, "links": list(ref("link"))},
		"links"),
	"confClasses": typed(object{"conformsTo": list(text)}, "conformsTo"),
	"collections": typed(object{"links": list(ref("link")), "collections": list(ref("collection"))}, "links", "collections"),
	"collection": typed(object{"id": text, "title": text, "description": text, "links": list(ref("link")), "extent": ref("extent"),
		"itemType": object{"type": "string", "default": "feature"}, "crs": list(text)}, "id", "links"),
	"extent": typed(object{
		"spatial":  typed(object{"bbox": list(object{"type": "array", "minItems": 4, "maxItems": 6, "items": number}), "crs": text}),
		"temporal": typed(object{"interval": list(object{"type": "array", "minItems": 2, "maxItems": 2, "items": object{"type": "string", "format": "date-time", "nullable": true}}), "trs": text}),
	}),
	"featureCollection": typed(object{"type": object{"type": "string", "enum": []any{"FeatureCollection"}}, "features": list(ref("feature")),
		"links": list(ref("link")), "timeStamp": object{"type": "string", "format": "date-time"},
		"numberMatched": count, "numberReturned": count}, "type", "features"),
	"feature": typed(object{"type": object{"type": "string", "enum": []any{"Feature"}}, "id": text, "geometry": ref("geometry"),
		"properties": object{"type": "object", "nullable": true}, "links": list(ref("link"))}, "type", "geometry", "properties"),
	"geometry": typed(object{"type": object{"type": "string", "enum": []any{"Point", "MultiPolygon"}},
		"coordinates": object{"type": "array", "items": object{}}}, "type", "coordinates"),
	"exception": typed(object{"type": text, "title": text, "status": object{"type": "integer"}, "code": text, "detail": text}, "title", "status", "code"),
}

var (
	text   = object{"type": "string"}
	number = object{"type": "number"}
	count  = object{"type": "integer", "minimum": 0}
)

func list(items object) object { return object{"type": "array", "items": items} }

func typed(properties object, required ...string) object {
	out := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}
