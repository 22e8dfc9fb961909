package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// build compiles both packages, and takes out what does not compile, until it does.
func (s *suite) build() error {
	for _, name := range []string{"suite", "examples"} {
		dir := filepath.Join(s.dir, name)
		if _, err := os.Stat(dir); err != nil {
			continue
		}
		if err := s.buildPackage(dir); err != nil {
			return err
		}
		s.packages = append(s.packages, name)
		out, err := exec.Command(filepath.Join(dir, "test.bin"), "-test.list", ".").Output()
		if err != nil {
			return err
		}
		s.tests = append(s.tests, strings.Fields(string(out))...)
	}
	sort.Strings(s.leftOut)
	return nil
}

var complaint = regexp.MustCompile(`(?m)^(?:vet: )?(?:\./)?([\w/]+_test\.go):(\d+):(\d+): (.*)$`)

func (s *suite) buildPackage(dir string) error {
	for {
		cmd := exec.Command("go", "test", "-c", "-vet=off", "-gcflags=-e", "-o", "test.bin", ".")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err == nil {
			return nil
		}
		bad := map[string]map[int]bool{}
		for _, m := range complaint.FindAllStringSubmatch(string(out), -1) {
			line, _ := strconv.Atoi(m[2])
			file := filepath.Base(m[1])
			if bad[file] == nil {
				bad[file] = map[int]bool{}
			}
			bad[file][line] = true
		}
		if len(bad) == 0 {
			return fmt.Errorf("%w\n%s", err, out)
		}
		for file, lines := range bad {
			if err := s.takeOut(filepath.Join(dir, file), lines); err != nil {
				return err
			}
		}
	}
}

// takeOut removes the declarations and imports that have one of the lines.
func (s *suite) takeOut(file string, lines map[int]bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, "", text, parser.ParseComments)
	if err != nil {
		return err
	}
	kept := text
	cut := func(n ast.Node) {
		from, to := set.Position(n.Pos()), set.Position(n.End())
		for line := range lines {
			if from.Line <= line && line <= to.Line {
				blank(kept[from.Offset:to.Offset])
				return
			}
		}
	}
	for _, d := range tree.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			for _, spec := range g.Specs {
				cut(spec)
			}
			if !g.Lparen.IsValid() {
				cut(g)
			}
			continue
		}
		before := string(kept)
		cut(d)
		if f, ok := d.(*ast.FuncDecl); ok && before != string(kept) && isTest(f) {
			s.leftOut = append(s.leftOut, f.Name.Name)
		}
	}
	return os.WriteFile(file, kept, 0o644)
}

// blank overwrites a part of a source but its line ends, so that lines keep their numbers.
func blank(text []byte) {
	for i, c := range text {
		if c != '\n' {
			text[i] = ' '
		}
	}
}

func isTest(f *ast.FuncDecl) bool {
	name := f.Name.Name
	return f.Recv == nil && (strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Example"))
}
