// Command openapi bundles the contract: api.yaml, with what all parts share,
// and a file for each tag become the one openapi.yaml that the program serves.
// Parts are joined as text, so that their comments and layout stay. Run it by
// make contract; a test holds the bundle to its parts.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
)

// The whole is api.yaml, and this order in it.
const whole = "api"

var kinds = []string{"securitySchemes", "headers", "parameters", "responses", "examples", "schemas"}

func main() {
	text, err := bundle(os.DirFS("handlers/openapi"))
	if err == nil {
		err = os.WriteFile("openapi.yaml", []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

var (
	tag       = regexp.MustCompile(`(?m)^  - \{name: ([a-z-]+),`)
	operation = regexp.MustCompile(`(?m)^      tags: (.*)$`)
)

// bundle joins the parts: the paths, the webhooks and the components of each
// kind, api.yaml first and then the tags in the order in which it lists them. An error names
// the file and what is wrong with it.
func bundle(parts fs.FS) (string, error) {
	api, err := read(parts, whole)
	if err != nil {
		return "", err
	}
	all := []*part{api}
	for _, m := range tag.FindAllStringSubmatch(api.head, -1) {
		p, err := read(parts, m[1])
		if err != nil {
			return "", err
		}
		all = append(all, p)
	}
	names, err := fs.Glob(parts, "*.yaml")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(p *part) bool { return p.name+".yaml" == name }) {
			return "", fmt.Errorf("%s is the name of no tag in %s.yaml", name, whole)
		}
	}
	var b strings.Builder
	b.WriteString(api.head)
	for _, section := range []string{"paths", "webhooks"} {
		var joined strings.Builder
		if err := join(&joined, all, section); err != nil {
			return "", err
		}
		if section == "paths" || joined.Len() > 0 {
			b.WriteString(section + ":\n" + joined.String())
		}
	}
	b.WriteString("components:\n")
	for i, k := range kinds {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("  " + k + ":\n")
		if err := join(&b, all, k); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// join writes what every part has of a kind; nothing may be there twice.
func join(b *strings.Builder, all []*part, kind string) error {
	in := map[string]string{}
	for _, p := range all {
		for _, e := range p.entries[kind] {
			if at, twice := in[e.key]; twice {
				return fmt.Errorf("%s.yaml: %s %s is in %s.yaml already", p.name, kind, e.key, at)
			}
			in[e.key] = p.name
			b.WriteString(e.text)
		}
	}
	return nil
}

// part is one file: what stands before its paths and components, and those by kind.
type part struct {
	name, head string
	entries    map[string][]entry
}

// entry is a path or a component with its lines.
type entry struct{ key, text string }

func read(parts fs.FS, name string) (*part, error) {
	text, err := fs.ReadFile(parts, name+".yaml")
	if err != nil {
		return nil, err
	}
	p := &part{name: name, entries: map[string][]entry{}}
	section, kind := "", ""
	for i, line := range strings.SplitAfter(string(text), "\n") {
		wrong := func(what string) error { return fmt.Errorf("%s.yaml:%d: %s", name, i+1, what) }
		bare := strings.TrimRight(line, " \n")
		key, opens := strings.CutSuffix(strings.TrimLeft(bare, " "), ":")
		depth := len(bare) - len(strings.TrimLeft(bare, " "))
		switch {
		case bare == "paths:" || bare == "webhooks:" || bare == "components:":
			section, kind = key, map[string]string{"paths:": "paths", "webhooks:": "webhooks"}[bare]
		case section == "":
			p.head += line
		case bare == "" && kind != "": // within an entry; between entries it does not count
			if es := p.entries[kind]; len(es) > 0 {
				es[len(es)-1].text += line
			}
		case bare == "":
		case depth == 0:
			return nil, wrong("only paths, webhooks and components come here")
		case section == "components" && depth == 2:
			if !opens || !slices.Contains(kinds, key) {
				return nil, wrong("no kind of component: " + bare)
			}
			kind = key
		case kind == "":
			return nil, wrong("of which kind of component?")
		case depth == map[string]int{"paths": 2, "webhooks": 2, "components": 4}[section]:
			key, _, _ = strings.Cut(strings.TrimSpace(bare), ": ")
			p.entries[kind] = append(p.entries[kind], entry{strings.TrimSuffix(key, ":"), line})
		default:
			es := p.entries[kind]
			if len(es) == 0 {
				return nil, wrong("this belongs to nothing")
			}
			es[len(es)-1].text += line
		}
	}
	for _, es := range p.entries {
		for i := range es {
			es[i].text = strings.TrimRight(es[i].text, " \n") + "\n"
		}
	}
	return p, p.check()
}

// check holds every operation of a part to its tag, and api.yaml to none.
func (p *part) check() error {
	if p.name != whole && p.head != "" {
		return fmt.Errorf("%s.yaml: only paths, webhooks and components belong here", p.name)
	}
	for _, e := range slices.Concat(p.entries["paths"], p.entries["webhooks"]) {
		for _, m := range operation.FindAllStringSubmatch(e.text, -1) {
			if m[1] != "["+p.name+"]" {
				return fmt.Errorf("%s.yaml: %s has the tags %s", p.name, e.key, m[1])
			}
		}
	}
	return nil
}
