package handlers

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/handlers/contracttest"
	"wangge/handlers/web"
	"wangge/store/enginetest"
)

// member is a property of a body as the contract has it.
type member struct {
	pointer            string
	name               string
	required, nullable bool
	text               bool
	words              []string // of its enum
}

// sample builds a value of a schema with every property there is, and lists the properties.
func sample(schema contracttest.Part, at string, found *[]member) any {
	for _, one := range parts(schema, "oneOf") {
		if !slices.Contains(one.Kinds(), "null") {
			return sample(one, at, found)
		}
	}
	for _, part := range parts(schema, "allOf") {
		return sample(part, at, found)
	}
	if words := wordsOf(schema); len(words) > 0 {
		return words[len(words)-1]
	}
	switch kind := slices.DeleteFunc(schema.Kinds(), func(t string) bool { return t == "null" }); strings.Join(kind, " ") {
	case "object":
		out := object{}
		required, _ := schema.Object["required"].([]any)
		for name, of := range contractOf().Parts(schema, "properties") {
			out[name] = sample(of, web.Below(at, name), found)
			_, text := out[name].(string)
			*found = append(*found, member{web.Below(at, name), name, slices.Contains(required, any(name)), takesNull(of), text, wordsOf(of)})
		}
		return out
	case "array":
		return []any{sample(contractOf().At(schema.Pointer+"/items"), at+"/0", found)}
	case "boolean":
		return true
	case "integer", "number":
		return 1
	}
	switch schema.Object["format"] {
	case "uuid":
		return ids.New()
	case "date":
		return "2026-11-24"
	case "date-time":
		return "2026-11-23T03:00:00.000Z"
	}
	return "13800000001"
}

// parts are the schemas in the list of a schema's keyword.
func parts(schema contracttest.Part, keyword string) (out []contracttest.Part) {
	list, _ := schema.Object[keyword].([]any)
	for i := range list {
		out = append(out, contractOf().At(schema.Pointer+"/"+keyword+"/"+strconv.Itoa(i)))
	}
	return out
}

func wordsOf(schema contracttest.Part) (words []string) {
	list, _ := schema.Object["enum"].([]any)
	for _, word := range list {
		if word != nil {
			words = append(words, word.(string))
		}
	}
	return words
}

func takesNull(schema contracttest.Part) bool {
	return slices.Contains(schema.Kinds(), "null") || slices.ContainsFunc(parts(schema, "oneOf"), func(one contracttest.Part) bool { return slices.Contains(one.Kinds(), "null") })
}

// parent is the object of a body that holds a member.
func parent(body any, pointer string) object {
	parts := strings.Split(pointer, "/")
	for _, part := range parts[1 : len(parts)-1] {
		switch x := body.(type) {
		case object:
			body = x[part]
		case []any:
			i, _ := strconv.Atoi(part)
			body = x[i]
		}
	}
	return body.(object)
}

// Wire types and contract are the same: whatever a body requires is missed,
// what may be null is and nothing else, what is unknown and what is no text is
// refused, each by its pointer and before anything else is asked.
func TestBodiesAreThoseOfTheContract(t *testing.T) {
	h := copyHarness(t, enginetest.SQLite(t))
	h.prepareDoors(t)
	ops := operations()
	for _, rt := range h.routes() {
		if len(rt.Takes) != 1 || rt.Takes[0] != web.JSON && rt.Takes[0] != web.MergePatch {
			continue
		}
		t.Run(rt.Method+" "+rt.Path, func(t *testing.T) {
			content := contractOf().Schema(ops[rt.Method+" "+rt.Path].takes()[rt.Takes[0]])
			forms := parts(content, "oneOf")
			if len(forms) == 0 {
				forms = []contracttest.Part{content}
			}
			for _, form := range forms {
				h.tryBody(t, rt, form)
			}
		})
	}
}

// tryBody sends a body of this form with one thing wrong at a time.
func (h *harness) tryBody(t *testing.T, rt *web.Route, form contracttest.Part) {
	var members []member
	whole := sample(form, "", &members)
	send := func(change func(body any)) *answer {
		body := copied(t, whole)
		change(body)
		return h.do(t, h.callOf(rt, body))
	}
	for _, m := range members {
		refused := func(a *answer, words string) {
			t.Helper()
			for i, pointer := range a.pointers() {
				if pointer == m.pointer && strings.Contains(a.text("/errors/"+strconv.Itoa(i)+"/detail"), words) {
					if a.status != 422 {
						t.Errorf("%s: %d, want 422: %s", pointer, a.status, a.body)
					}
					return
				}
			}
			t.Errorf("%s is not refused as %s: %d %s", m.pointer, words, a.status, a.body)
		}
		taken := func(a *answer, words string) {
			t.Helper()
			for i, pointer := range a.pointers() {
				if pointer == m.pointer && strings.Contains(a.text("/errors/"+strconv.Itoa(i)+"/detail"), words) {
					t.Errorf("%s is refused as %s: %s", m.pointer, words, a.body)
				}
			}
		}
		without := send(func(body any) { delete(parent(body, m.pointer), m.name) })
		null := send(func(body any) { parent(body, m.pointer)[m.name] = nil })
		if m.required {
			refused(without, "缺少")
		} else {
			taken(without, "缺少")
		}
		if m.nullable {
			taken(null, "null")
		} else {
			refused(null, "null")
		}
		if m.text {
			refused(send(func(body any) { parent(body, m.pointer)[m.name] = "a\x00b" }), "")
			refused(send(func(body any) { parent(body, m.pointer)[m.name] = "\u3000\u200b" }), "")
		}
		for _, word := range m.words {
			refused(send(func(body any) { parent(body, m.pointer)[m.name] = "no_such_word" }), word)
		}
		beside := m.pointer[:len(m.pointer)-len(web.Below("", m.name))] + "/colour"
		a := send(func(body any) { parent(body, beside)["colour"] = 1 })
		if a.status != 422 || !slices.Contains(a.pointers(), beside) {
			t.Errorf("%s is let be: %d %s", beside, a.status, a.body)
		}
	}
}

// callOf is a call of a route by who may, on something that there is or could be.
func (h *harness) callOf(rt *web.Route, body any) call {
	c := call{method: rt.Method, url: rt.Path, body: body}
	if rt.Method != "POST" {
		c.header = map[string]string{"If-Match": "*"}
	}
	if strings.HasPrefix(rt.Path, browserSessions) {
		c.header = ownPage()
	}
	id := ids.New()
	if strings.HasPrefix(rt.Path, "/v1/visits/") {
		id = h.walked["{done}"]
	}
	c.url = strings.NewReplacer("/cells/:code", "/cells/"+cellCode(niujia, 1), ":street", pingjiang, ":year", "2027", ":tag", "lives_alone", ":code", "lives_alone", ":id", id, ":member", ids.New()).Replace(c.url)
	if rt.Gate.Roles != nil {
		if c.as = "admin"; strings.HasSuffix(c.url, "/v1/households/find") {
			c.as = "counter_worker"
		}
	}
	if rt.Gate.Roles != nil && !slices.Contains(rt.Gate.Roles, access.Admin) {
		c.as = string(rt.Gate.Roles[0])
	}
	return c
}

func copied(t *testing.T, body any) (out any) {
	if err := json.Unmarshal(must(json.Marshal(body))(t), &out); err != nil {
		t.Fatal(err)
	}
	return out
}
