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

// build compiles both packages.
func (s *suite) build() error {
	for _, folder := range []string{"suite", "examples"} {
		if err := s.buildPackage(folder); err != nil {
			return err
		}
		out, err := exec.Command(s.binary(folder), "-test.list", ".").Output()
		if err != nil {
			return err
		}
		s.tests = append(s.tests, strings.Fields(string(out))...)
	}
	sort.Strings(s.leftOut)
	return nil
}

func (s *suite) binary(folder string) string { return filepath.Join(s.dir, folder, "test.bin") }

// buildPackage takes out what does not compile, and tries again, until all does.
func (s *suite) buildPackage(folder string) error {
	for {
		out, err := s.goCommand(folder, "test", "-c", "-vet=off", "-gcflags=-e", "-o", "test.bin", ".").CombinedOutput()
		if err == nil {
			return nil
		}
		bad := complaints(string(out))
		if len(bad) == 0 {
			return fmt.Errorf("%w\n%s", err, out)
		}
		for file, lines := range bad {
			if err := s.takeOut(filepath.Join(s.dir, folder, file), lines); err != nil {
				return err
			}
		}
	}
}

var complaint = regexp.MustCompile(`(?m)^(?:\./)?(\w+_test\.go):(\d+):\d+: `)

// complaints are the lines that the compiler does not like, by file.
func complaints(out string) map[string][]int {
	bad := map[string][]int{}
	for _, m := range complaint.FindAllStringSubmatch(out, -1) {
		line, _ := strconv.Atoi(m[2])
		bad[m[1]] = append(bad[m[1]], line)
	}
	return bad
}

// takeOut blanks the declarations and imports that have one of the lines.
func (s *suite) takeOut(file string, lines []int) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, "", text, 0)
	if err != nil {
		return err
	}
	for _, n := range parts(tree) {
		from, to := set.Position(n.Pos()), set.Position(n.End())
		for _, line := range lines {
			if line < from.Line || line > to.Line {
				continue
			}
			blank(text[from.Offset:to.Offset])
			if f, ok := n.(*ast.FuncDecl); ok && isTest(f) {
				s.leftOut = append(s.leftOut, f.Name.Name)
			}
			break
		}
	}
	return os.WriteFile(file, text, 0o644)
}

// parts are what can be taken out of a file: single imports of a list, and declarations.
func parts(file *ast.File) (all []ast.Node) {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT || !g.Lparen.IsValid() {
			all = append(all, d)
			continue
		}
		for _, spec := range g.Specs {
			all = append(all, spec)
		}
	}
	return all
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
