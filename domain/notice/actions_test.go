package notice

import (
	"bytes"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wangge/domain"
	"wangge/domain/journal"
	"wangge/domain/plan"
)

// Of every action that the code puts on a journal the table says whom it is
// told, or that it is for nobody; and it names no other.
func TestEachActionIsToldOrForNobody(t *testing.T) {
	made := actionsOf(t, "wangge/domain/...")
	for _, action := range slices.Concat(made, fromOutside) {
		if !Knows(action) && !slices.Contains(neverMade, action) {
			t.Errorf("%s is told to nobody, and no row says so", action)
		}
		if of, _, _ := strings.Cut(action, "."); !journal.Known(action) && !slices.Contains(neverMade, action) && !slices.Contains(bookkeeping, of) {
			t.Errorf("%s has no words for who reads the journal", action)
		}
	}
	for action, row := range rules {
		if !slices.Contains(made, action) && !slices.Contains(fromOutside, action) {
			t.Errorf("nothing makes %s", action)
		}
		if (len(row.rules) > 0) == (row.nobody != "") {
			t.Errorf("%s is told to somebody, or to nobody for a reason", action)
		}
		for _, r := range row.rules {
			if len(r.to) == 0 || action != "todo.ask" && !KindWords().Has(string(r.kind)) {
				t.Errorf("%s is told as %q to %q", action, r.kind, r.to)
			}
		}
	}
}

// fromOutside are actions whose word comes with a request, and is one of a list.
var fromOutside = families("visitPlan.", plan.ActionWords)

// bookkeeping is what is done with things whose entries are not shown to who reads the journal.
var bookkeeping = []string{"boundary", "comment", "coverage", "link", "todo", "wechat"}

// neverMade are what the code might seem to make: of what is linked, only
// tickets note whom they serve, and no promise ends as open.
var neverMade = []string{"case.serve", "visit.serve", "stop.serve", "promise.open"}

func families(of string, words domain.Enum) (out []string) {
	for _, w := range words.Words {
		out = append(out, of+w.Code)
	}
	return out
}

// source is the code that writes journals, with its types.
type source struct {
	t        *testing.T
	fset     *token.FileSet
	info     *types.Info
	files    []*ast.File
	calls    map[types.Object][]*ast.CallExpr
	fields   map[types.Object][]ast.Expr // what is put into a field of a struct
	locals   map[types.Object][]ast.Expr // and into a variable
	params   map[types.Object]param
	ranges   map[types.Object]ast.Expr
	results  map[types.Object]result
	bodies   map[types.Object]*ast.FuncDecl
	busy     map[types.Object]bool
	unsolved map[string]bool
}

type param struct {
	of types.Object
	at int
}

type result struct {
	call *ast.CallExpr
	at   int
}

// actionsOf are the actions of the entries that packages make, by what their
// code says: constants, and what comes of parameters, fields and variables.
func actionsOf(t *testing.T, patterns ...string) []string {
	s := load(t, patterns...)
	found := map[string]bool{}
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if !s.isEntry(n) {
					return true
				}
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "Action" {
						for _, v := range s.values(kv.Value) {
							found[v] = true
						}
					}
				}
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					if sel, ok := l.(*ast.SelectorExpr); ok && sel.Sel.Name == "Action" && s.isEntry(sel.X) {
						for _, v := range s.values(n.Rhs[i]) {
							found[v] = true
						}
					}
				}
			}
			return true
		})
	}
	for what := range s.unsolved {
		if strings.Contains(what, "domain/plan/plans.go") { // see fromOutside
			continue
		}
		t.Errorf("what the action is cannot be told: %s", what)
	}
	var out []string
	for a := range found {
		if _, word, ok := strings.Cut(a, "."); ok && word != "" { // else the family comes later, or it is none
			out = append(out, a)
		}
	}
	slices.Sort(out)
	return out
}

func (s *source) isEntry(e ast.Expr) bool {
	tv := s.info.TypeOf(e)
	if tv == nil {
		return false
	}
	if p, ok := tv.(*types.Pointer); ok {
		tv = p.Elem()
	}
	named, ok := tv.(*types.Named)
	return ok && named.Obj().Name() == "Entry" && named.Obj().Pkg().Path() == "wangge/store"
}

// values are what a string may be.
func (s *source) values(e ast.Expr) []string {
	if tv := s.info.Types[e]; tv.Value != nil {
		return []string{constant.StringVal(tv.Value)}
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return s.values(e.X)
	case *ast.BinaryExpr:
		var out []string
		for _, l := range s.values(e.X) {
			for _, r := range s.values(e.Y) {
				out = append(out, l+r)
			}
		}
		return out
	case *ast.CallExpr:
		if s.info.Types[e.Fun].IsType() {
			return s.values(e.Args[0])
		}
	case *ast.Ident:
		return s.held(e, s.info.ObjectOf(e))
	case *ast.SelectorExpr:
		if s.isEntry(e.X) { // what is put before the family
			return slices.DeleteFunc(s.held(e, s.info.ObjectOf(e.Sel)), func(a string) bool { return strings.Contains(a, ".") })
		}
		return s.held(e, s.info.ObjectOf(e.Sel))
	}
	return s.byType(e)
}

// held are what a variable, parameter or field may hold.
func (s *source) held(e ast.Expr, o types.Object) (out []string) {
	if s.busy[o] {
		return nil
	}
	s.busy[o] = true
	defer delete(s.busy, o)
	all := s.put(o)
	if len(all) == 0 {
		return s.byType(e)
	}
	for _, e := range all {
		out = append(out, s.values(e)...)
	}
	return out
}

// put are the expressions that a variable, parameter or field is given.
func (s *source) put(o types.Object) []ast.Expr {
	all := append(slices.Clone(s.locals[o]), s.fields[o]...)
	if p, ok := s.params[o]; ok {
		for _, call := range s.calls[p.of] {
			if p.at < len(call.Args) {
				all = append(all, call.Args[p.at])
			}
		}
	}
	if r, ok := s.results[o]; ok {
		all = append(all, s.returned(r.call.Fun, r.at)...)
	}
	if of, ok := s.ranges[o]; ok {
		all = append(all, s.elements(of)...)
	}
	return all
}

// returned are what the functions that an expression stands for return in one place.
func (s *source) returned(fun ast.Expr, at int) (out []ast.Expr) {
	body := func(n ast.Node) {
		ast.Inspect(n, func(in ast.Node) bool {
			switch in := in.(type) {
			case *ast.FuncLit:
				return in == n
			case *ast.ReturnStmt:
				if at < len(in.Results) {
					out = append(out, in.Results[at])
				}
			}
			return true
		})
	}
	switch f := fun.(type) {
	case *ast.FuncLit:
		body(f)
	case *ast.CallExpr:
		for _, made := range s.returned(f.Fun, 0) {
			out = append(out, s.returned(made, at)...)
		}
	case *ast.Ident, *ast.SelectorExpr:
		id, _ := f.(*ast.Ident)
		if sel, ok := f.(*ast.SelectorExpr); ok {
			id = sel.Sel
		}
		o := s.info.ObjectOf(id)
		if d := s.bodies[o]; d != nil {
			body(d)
		}
		for _, given := range s.put(o) {
			out = append(out, s.returned(given, at)...)
		}
	}
	return out
}

// elements are those of a slice.
func (s *source) elements(e ast.Expr) (out []ast.Expr) {
	switch e := e.(type) {
	case *ast.CompositeLit:
		return e.Elts
	case *ast.CallExpr:
		if id, ok := e.Fun.(*ast.Ident); ok && id.Name == "append" {
			return append(s.elements(e.Args[0]), e.Args[1:]...)
		}
	case *ast.Ident:
		o := s.info.ObjectOf(e)
		if s.busy[o] {
			return nil
		}
		s.busy[o] = true
		defer delete(s.busy, o)
		for _, given := range s.put(o) {
			out = append(out, s.elements(given)...)
		}
	}
	return out
}

// byType are all words of a type that has some.
func (s *source) byType(e ast.Expr) (out []string) {
	named, ok := s.info.TypeOf(e).(*types.Named)
	if ok {
		scope := named.Obj().Pkg().Scope()
		for _, name := range scope.Names() {
			if c, ok := scope.Lookup(name).(*types.Const); ok && types.Identical(c.Type(), named) {
				out = append(out, constant.StringVal(c.Val()))
			}
		}
	}
	if len(out) == 0 {
		s.unsolved[s.fset.Position(e.Pos()).String()] = true
	}
	return out
}

func load(t *testing.T, patterns ...string) *source {
	t.Helper()
	list := exec.Command("go", append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}} {{.DepOnly}} {{.Dir}} {{join .GoFiles \",\"}}"}, patterns...)...)
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	exports := map[string]string{}
	s := &source{t: t, fset: token.NewFileSet(), info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}},
		calls: map[types.Object][]*ast.CallExpr{}, fields: map[types.Object][]ast.Expr{}, locals: map[types.Object][]ast.Expr{}, params: map[types.Object]param{}, ranges: map[types.Object]ast.Expr{}, results: map[types.Object]result{}, bodies: map[types.Object]*ast.FuncDecl{}, busy: map[types.Object]bool{}, unsolved: map[string]bool{}}
	type pkg struct {
		path  string
		files []*ast.File
	}
	var own []pkg
	for _, line := range strings.Split(strings.TrimSpace(string(bytes.TrimSpace(out))), "\n") {
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		exports[f[0]] = f[1]
		if f[2] == "true" || len(f) < 5 || strings.HasSuffix(f[0], "test") {
			continue
		}
		p := pkg{path: f[0]}
		for _, name := range strings.Split(f[4], ",") {
			file, err := parser.ParseFile(s.fset, filepath.Join(f[3], name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			p.files = append(p.files, file)
		}
		own = append(own, p)
	}
	checked := map[string]*types.Package{}
	std := importer.ForCompiler(s.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	conf := types.Config{Importer: importing(func(path string) (*types.Package, error) {
		if p := checked[path]; p != nil {
			return p, nil
		}
		return std.Import(path)
	})}
	for _, p := range own { // go list has what is imported first
		made, err := conf.Check(p.path, s.fset, p.files, s.info)
		if err != nil {
			t.Fatal(err)
		}
		checked[p.path] = made
		s.files = append(s.files, p.files...)
	}
	s.index()
	return s
}

type importing func(string) (*types.Package, error)

func (f importing) Import(path string) (*types.Package, error) { return f(path) }

// index notes what is called, and what is put where.
func (s *source) index() {
	put := func(l, r ast.Expr) {
		switch l := l.(type) {
		case *ast.Ident:
			if o := s.info.ObjectOf(l); o != nil {
				s.locals[o] = append(s.locals[o], r)
			}
		case *ast.SelectorExpr:
			o := s.info.ObjectOf(l.Sel)
			s.fields[o] = append(s.fields[o], r)
		}
	}
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				s.bodies[s.info.Defs[n.Name]] = n
				s.parameters(s.info.Defs[n.Name], n.Type)
			case *ast.CallExpr:
				fun := n.Fun
				if x, ok := fun.(*ast.IndexExpr); ok {
					fun = x.X
				}
				switch f := fun.(type) {
				case *ast.Ident:
					s.calls[s.info.Uses[f]] = append(s.calls[s.info.Uses[f]], n)
				case *ast.SelectorExpr:
					s.calls[s.info.Uses[f.Sel]] = append(s.calls[s.info.Uses[f.Sel]], n)
				}
			case *ast.AssignStmt:
				for i := range n.Lhs {
					id, named := n.Lhs[i].(*ast.Ident)
					if call, ok := n.Rhs[0].(*ast.CallExpr); ok && named && (len(n.Lhs) > 1 && len(n.Rhs) == 1) {
						s.results[s.info.ObjectOf(id)] = result{call, i}
					}
					if len(n.Rhs) == len(n.Lhs) {
						if lit, ok := n.Rhs[i].(*ast.FuncLit); ok {
							if id, ok := n.Lhs[i].(*ast.Ident); ok {
								s.parameters(s.info.ObjectOf(id), lit.Type)
							}
						}
						put(n.Lhs[i], n.Rhs[i])
					}
				}
			case *ast.ValueSpec:
				for i := range n.Values {
					put(n.Names[i], n.Values[i])
				}
			case *ast.RangeStmt:
				if id, ok := n.Value.(*ast.Ident); ok {
					s.ranges[s.info.ObjectOf(id)] = n.X
				}
			case *ast.CompositeLit:
				s.literal(n)
			}
			return true
		})
	}
}

func (s *source) parameters(of types.Object, f *ast.FuncType) {
	at := 0
	for _, field := range f.Params.List {
		for _, name := range field.Names { // nameless ones hold nothing
			s.params[s.info.Defs[name]] = param{of, at}
			at++
		}
	}
}

func (s *source) literal(n *ast.CompositeLit) {
	tv := s.info.TypeOf(n)
	if p, ok := tv.Underlying().(*types.Pointer); ok {
		tv = p.Elem()
	}
	st, ok := tv.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, e := range n.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			o := s.info.ObjectOf(kv.Key.(*ast.Ident))
			s.fields[o] = append(s.fields[o], kv.Value)
		} else if i < st.NumFields() {
			s.fields[st.Field(i)] = append(s.fields[st.Field(i)], e)
		}
	}
}

// Of each kind of thing that a rule tells of, a notice knows the address.
func TestEachThingHasAnAddress(t *testing.T) {
	for of, about := range collections {
		if _, ok := Paths[about]; !ok {
			t.Errorf("what notices about %s lead to has no address", of)
		}
	}
	for about := range loaders {
		if _, ok := Paths[about]; !ok {
			t.Errorf("%s is read, and leads nowhere", about)
		}
	}
}
