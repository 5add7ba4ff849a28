package handlers

import "slices"

// parameters are those of a request's query. They are so few that looking
// along them is quicker than a map is made.
type parameters []parameter

type parameter struct{ name, value string }

// find returns the value of a parameter, and whether it was given.
func (p parameters) find(name string) (value string, given bool) {
	if i := p.index(name); i >= 0 {
		return p[i].value, true
	}
	return "", false
}

// get is the value of a parameter; "" when it was not given.
func (p parameters) get(name string) string {
	value, _ := p.find(name)
	return value
}

func (p *parameters) set(name, value string) {
	if i := p.index(name); i >= 0 {
		(*p)[i].value = value
		return
	}
	*p = append(*p, parameter{name, value})
}

// all has every parameter by its name.
func (p parameters) all() map[string]string {
	out := make(map[string]string, len(p))
	for _, one := range p {
		out[one.name] = one.value
	}
	return out
}

func (p parameters) index(name string) int {
	return slices.IndexFunc(p, func(one parameter) bool { return one.name == name })
}
