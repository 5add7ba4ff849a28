package domain_test

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every sentence says the same in both languages: what is put into one is put
// into the other, and every argument has its place in both formats.
func TestTextsSayTheSameInBothLanguages(t *testing.T) {
	files, texts := token.NewFileSet(), 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			fault := ""
			switch name := called(call); {
			case name == "T" && len(call.Args) == 2:
				fault = pair(call.Args[0], call.Args[1])
			case name == "Textf" && len(call.Args) > 1:
				fault = formats(call.Args[0], call.Args[1], len(call.Args)-2)
			default:
				return true
			}
			texts++
			if fault != "" {
				t.Errorf("%s: %s", files.Position(call.Pos()), fault)
			}
			return true
		})
		return nil
	})
	if err != nil || texts < 300 {
		t.Fatalf("%d texts read; %v", texts, err)
	}
}

func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// pair says what is wrong with the two sentences of a T.
func pair(zh, en ast.Expr) string {
	a, b := arguments(zh), arguments(en)
	if !slices.Equal(a, b) {
		return "one language is told " + strings.Join(a, ", ") + ", the other " + strings.Join(b, ", ") + ": use Textf"
	}
	for _, e := range []ast.Expr{zh, en} {
		if text, ok := literal(e); ok && len(verbs(text)) > 0 {
			return "a format without arguments: use Textf"
		}
	}
	return ""
}

// arguments are what a sentence is made with, sorted: of a Sprintf, or what is added to it.
func arguments(e ast.Expr) []string {
	var out []string
	switch e := e.(type) {
	case *ast.CallExpr:
		if called(e) != "Sprintf" {
			return []string{source(e)}
		}
		for _, a := range e.Args[1:] {
			out = append(out, source(a))
		}
	case *ast.BinaryExpr:
		out = append(arguments(e.X), arguments(e.Y)...)
	}
	slices.Sort(out)
	return out
}

func source(n ast.Node) string {
	var out strings.Builder
	if err := printer.Fprint(&out, token.NewFileSet(), n); err != nil {
		return err.Error()
	}
	return perLanguage.ReplaceAllString(out.String(), "")
}

// perLanguage is what may differ in an argument: which half of another text, a part made before, how a list is joined.
var perLanguage = regexp.MustCompile(`\.ZH\b|\.EN\b|\bzh\b|\ben\b|"[^"]*"`)

// formats says which of two formats does not use every argument once or more.
func formats(zh, en ast.Expr, args int) string {
	for _, e := range []ast.Expr{zh, en} {
		text, ok := literal(e)
		if !ok {
			continue // chosen elsewhere
		}
		used, next := make([]bool, args), 0
		for _, v := range verbs(text) {
			if at, err := strconv.Atoi(v); err == nil {
				next = at - 1
			}
			if next >= args {
				return strconv.Quote(text) + " wants more arguments"
			}
			used[next] = true
			next++
		}
		if slices.Contains(used, false) {
			return strconv.Quote(text) + " leaves an argument out"
		}
	}
	return ""
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

var verb = regexp.MustCompile(`%(?:%|[-+# 0.0-9]*(?:\[(\d+)\])?[a-zA-Z])`)

// verbs are those of a format, each as the number of its argument where it says so.
func verbs(format string) []string {
	var out []string
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[0] != "%%" {
			out = append(out, m[1])
		}
	}
	return out
}
