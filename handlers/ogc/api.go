package ogc

// object is a JSON object.
type object = map[string]any

// API returns the OpenAPI 3.0 document of these resources (requirements
// /req/oas30): the OGC's tests and its clients read no later version.
func (s *Features) API() object {
	paths := object{
		"/":            object{"get": operation("getLandingPage", "Capabilities", nil, JSON, ref("landingPage"), 500)},
		"/conformance": object{"get": operation("getConformanceDeclaration", "Capabilities", nil, JSON, ref("confClasses"), 500)},
		"/collections": object{"get": operation("getCollections", "Capabilities", nil, JSON, ref("collections"), 500)},
		"/api":         object{"get": operation("getApi", "Capabilities", nil, OpenAPI, object{"type": "object"}, 500)},
	}
	for _, id := range []string{cells, tickets} {
		at := "/collections/" + id
		parameters := []any{parameter("limit"), parameter("bbox"), parameter("datetime"), parameter("cursor")}
		for _, p := range queryables[id] {
			schema := object{"type": "string"}
			if words := p.words(); len(words) > 0 {
				schema["enum"] = words
			}
			parameters = append(parameters, object{"name": p.name, "in": "query", "required": false, "description": p.about,
				"schema": schema, "style": "form", "explode": false})
		}
		paths[at] = object{"get": operation("describe_"+id, id, nil, JSON, ref("collection"), 404, 500)}
		paths[at+"/items"] = object{"get": operation("list_"+id, id, parameters, GeoJSON, ref("featureCollection"), 400, 404, 500)}
		paths[at+"/items/{featureId}"] = object{"get": operation("get_"+id, id, []any{parameter("featureId")}, GeoJSON, ref("feature"), 404, 500)}
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

// operation is a GET that answers 200 with the schema, and with problems.
func operation(id, tag string, parameters []any, media string, schema object, problems ...int) object {
	answers := object{
		"200": object{"description": "The resource.", "content": object{media: object{"schema": schema}}},
		"401": object{"$ref": "#/components/responses/401"},
	}
	for _, status := range problems {
		name := map[int]string{400: "400", 404: "404", 500: "500"}[status]
		answers[name] = object{"$ref": "#/components/responses/" + name}
	}
	out := object{"operationId": id, "tags": []any{tag}, "summary": id, "responses": answers}
	if parameters != nil {
		out["parameters"] = parameters
	}
	return out
}

var parameters = object{
	"limit": object{"name": "limit", "in": "query", "required": false, "style": "form", "explode": false,
		"description": "How many features a page has at most.",
		"schema":      object{"type": "integer", "minimum": 1, "maximum": limitMost, "default": limitDefault}},
	"bbox": object{"name": "bbox", "in": "query", "required": false, "style": "form", "explode": false,
		"description": "Only features that meet the box: west, south, east, north, or with heights west, south, lowest, east, north, highest. A box whose west is greater than its east crosses the antimeridian.",
		"schema":      object{"type": "array", "minItems": 4, "maxItems": 6, "items": object{"type": "number"}}},
	"datetime": object{"name": "datetime", "in": "query", "required": false, "style": "form", "explode": false,
		"description": "Only features whose time meets this instant or interval (RFC 3339; .. for an open end).",
		"schema":      object{"type": "string"}},
	"cursor": object{"name": "cursor", "in": "query", "required": false, "style": "form", "explode": false,
		"description": "Where the page begins, from a next link.", "schema": object{"type": "string"}},
	"featureId": object{"name": "featureId", "in": "path", "required": true, "description": "Identifier of the feature.",
		"schema": object{"type": "string"}},
}

var responses = object{
	"400": problem("A query parameter is unknown or has no valid value."),
	"401": problem("The token is not valid."),
	"404": problem("There is no such resource."),
	"500": problem("A server error occurred."),
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
