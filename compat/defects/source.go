package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"runtime"
	"strings"

	ours "github.com/gocron-fixed/gocron/v2/compat/internal/ours/defects"
)

// A program is the text of a function: what should be, as its comment says, and
// how it is tried.
type program struct {
	contract string
	code     string
	helpers  []string // functions of the same file that it calls
}

// sources are the functions of the repros' package by name.
func sources() map[string]program {
	programs := map[string]program{}
	files, err := ours.Source.ReadDir(".")
	if err != nil {
		panic(err)
	}
	for _, file := range files {
		text, err := ours.Source.ReadFile(file.Name())
		if err != nil {
			panic(err)
		}
		addFunctions(programs, string(text))
	}
	return programs
}

func addFunctions(programs map[string]program, text string) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", text, parser.ParseComments)
	if err != nil {
		panic(err)
	}
	functions := map[string]*ast.FuncDecl{}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
			functions[f.Name.Name] = f
		}
	}
	for name, f := range functions {
		programs[name] = program{
			contract: strings.Join(strings.Fields(f.Doc.Text()), " "),
			code:     text[set.Position(f.Pos()).Offset:set.Position(f.End()).Offset],
			helpers:  called(f, functions),
		}
	}
}

// called names the functions out of some that a function mentions.
func called(f *ast.FuncDecl, functions map[string]*ast.FuncDecl) []string {
	var names []string
	seen := map[string]bool{f.Name.Name: true}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && functions[id.Name] != nil && !seen[id.Name] {
			seen[id.Name] = true
			names = append(names, id.Name)
		}
		return true
	})
	return names
}

// code is a repro's program with its helpers.
func code(text map[string]program, function string) string {
	p := text[function]
	parts := []string{p.code}
	for _, name := range p.helpers {
		parts = append(parts, text[name].code)
	}
	return strings.Join(parts, "\n\n")
}

func functionName(f func() (string, bool)) string {
	name := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	return name[strings.LastIndex(name, ".")+1:]
}
