package wechat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"

	"wangge/domain/delivery"
	"wangge/domain/notice"
	"wangge/domain/wechat"
)

// Templates are the subscription messages as they were chosen for the
// mini-program at WeChat's, and what is put into their fields.
type Templates struct {
	State string     `json:"state"` // of the mini-program that a message opens: formal, trial or developer; "": formal
	List  []Template `json:"templates"`
}

// Template is one of them.
type Template struct {
	ID    string   `json:"id"`
	Kinds []string `json:"kinds"` // of notices; none: all that no other has
	Page  string   `json:"page"`  // that it opens; {id} is the notice's
	// Fields are by the name that WeChat gave them, such as thing1: {text},
	// {title} or {time}, or a text of the operator's that is the same in each.
	Fields map[string]string `json:"fields"`
}

// What is put into a field.
const (
	theText  = "{text}"
	theTitle = "{title}"
	theTime  = "{time}"
)

const (
	templatesMost = 30
	idLongest     = 100
	pageLongest   = 200
)

// field is the name of one: its kind and a number.
var (
	field   = regexp.MustCompile(`^([a-z_]+?)([1-9][0-9]*)$`)
	idForm  = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	pageFit = regexp.MustCompile(`^[A-Za-z0-9_./?&={}-]*$`)
)

// ReadTemplates reads what the operator wrote. The error names everything that is wrong.
func ReadTemplates(file []byte) (t Templates, err error) {
	d := json.NewDecoder(bytes.NewReader(file))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return Templates{}, fmt.Errorf("is not templates as JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Templates{}, errors.New("is not templates as JSON: something follows them")
	}
	var wrong []error
	if t.State != "" && !slices.Contains([]string{"formal", "trial", "developer"}, t.State) {
		wrong = append(wrong, fmt.Errorf("state %q is not formal, trial or developer", t.State))
	}
	if n := len(t.List); n == 0 || n > templatesMost {
		wrong = append(wrong, fmt.Errorf("%d templates: 1 to %d can be used", n, templatesMost))
	}
	has := map[string]string{} // kind → template
	ids := map[string]bool{}
	for i := range t.List {
		one := &t.List[i]
		if ids[one.ID] {
			wrong = append(wrong, fmt.Errorf("template %q is there twice", one.ID))
		}
		ids[one.ID] = true
		wrong = append(wrong, one.check(has)...)
	}
	if err := errors.Join(wrong...); err != nil {
		return Templates{}, err
	}
	return t, nil
}

// check says what is wrong with a template; has are the kinds that those before it have.
func (t *Template) check(has map[string]string) (wrong []error) {
	add := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("template %q: "+format, append([]any{t.ID}, args...)...))
	}
	if !idForm.MatchString(t.ID) || len(t.ID) > idLongest {
		add("its id is none of WeChat's")
	}
	if !pageFit.MatchString(t.Page) || len(t.Page) > pageLongest {
		add("page %q is not a path of the mini-program's, such as pages/inbox/index?notice={id}", t.Page)
	}
	kinds := t.Kinds
	if len(kinds) == 0 {
		kinds = []string{""}
	}
	for _, k := range kinds {
		other, twice := has[k]
		switch {
		case twice && k == "":
			add("names no kinds, as %q does", other)
		case twice:
			add("kind %q is that of %q too", k, other)
		case k != "" && !notice.KindWords().Has(k):
			add("%q is no kind of notices", k)
		}
		has[k] = t.ID
	}
	if len(t.Fields) == 0 {
		add("has no fields")
	}
	for _, name := range slices.Sorted(maps.Keys(t.Fields)) {
		if err := checkField(name, t.Fields[name]); err != nil {
			add("field %q %w", name, err)
		}
	}
	return wrong
}

// of is the template by which a kind goes; nil for none.
func (t Templates) of(kind string) (out *Template) {
	for i, one := range t.List {
		if slices.Contains(one.Kinds, kind) {
			return &t.List[i]
		}
		if len(one.Kinds) == 0 {
			out = &t.List[i]
		}
	}
	return out
}

func (t Templates) state() string {
	if t.State == "" {
		return "formal"
	}
	return t.State
}

// Named are the templates as people are asked about them.
func (t Templates) Named() []wechat.Template {
	out := make([]wechat.Template, len(t.List))
	for i, one := range t.List {
		out[i].ID = one.ID
		for _, k := range one.Kinds {
			out[i].Kinds = append(out[i].Kinds, notice.Kind(k))
		}
	}
	return out
}

// data are the fields of a message; the name of one that cannot be as WeChat wants it.
func (t *Template) data(m delivery.Message) (_ object, wrong string) {
	out := object{}
	for name, value := range t.Fields {
		kind := fieldKind(name)
		switch value {
		case theText:
			value = fit(m.Text, thingMost)
		case theTitle:
			value = fit(m.Title, thingMost)
		case theTime:
			value = moment(m.At)
		}
		if !fieldKinds[kind](value) {
			return nil, name
		}
		out[name] = object{"value": value}
	}
	return out, ""
}
