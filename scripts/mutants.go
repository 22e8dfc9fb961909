//go:build ignore

// The mutants command breaks the package at random, one place at a time, and says whether the tests
// notice. It works on a copy of HEAD. Run it in the root folder:
//
//	go run scripts/mutants.go              # 20 places
//	go run scripts/mutants.go -n 5 -seed 3 # others
//
// A place is an operator that is swapped (< for <=, == for !=, && for ||), or a call without a result
// that is left out. What the tests do not notice is either not tested, or means the same.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

var (
	number = flag.Int("n", 20, "how many places")
	seed   = flag.Int64("seed", 1, "which places")
)

func main() {
	flag.Parse()
	tree, err := copyOfHead()
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(tree)
	all, err := mutants(tree)
	if err != nil {
		log.Fatal(err)
	}
	rand.New(rand.NewSource(*seed)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	fmt.Printf("%d of %d places, seed %d\n", *number, len(all), *seed)
	tried, noticed := 0, 0
	for _, m := range all {
		if tried == *number {
			break
		}
		switch by, err := m.try(tree); {
		case err != nil:
			log.Fatal(err)
		case by == notBuilt:
		case by == "":
			tried++
			fmt.Println("NOT NOTICED:", m.what)
		default:
			tried++
			noticed++
			fmt.Printf("noticed: %s, by %s\n", m.what, by)
		}
	}
	fmt.Printf("%d of %d noticed\n", noticed, tried)
}

func copyOfHead() (string, error) {
	tree, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return "", err
	}
	archive, err := exec.Command("git", "archive", "HEAD").Output()
	if err != nil {
		return "", err
	}
	untar := exec.Command("tar", "-x", "-C", tree)
	untar.Stdin = bytes.NewReader(archive)
	return tree, untar.Run()
}

// A mutant is one change of a file.
type mutant struct {
	file       string
	begin, end int // what is replaced
	by         string
	what       string
}

var swapped = map[token.Token]string{
	token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">",
	token.EQL: "!=", token.NEQ: "==", token.LAND: "||", token.LOR: "&&",
}

// mutants has the mutants of all files of the package.
func mutants(tree string) (all []mutant, err error) {
	files, err := filepath.Glob(filepath.Join(tree, "*.go"))
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		syntax, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			return nil, err
		}
		add := func(begin, end token.Pos, by, what string) {
			at := set.Position(begin)
			what = fmt.Sprintf("%s:%d: %s", filepath.Base(file), at.Line, what)
			all = append(all, mutant{file, at.Offset, set.Position(end).Offset, by, what})
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if by, ok := swapped[n.Op]; ok {
					add(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), by, n.Op.String()+" becomes "+by)
				}
			case *ast.ExprStmt:
				if _, ok := n.X.(*ast.CallExpr); ok {
					add(n.Pos(), n.End(), "", "a call is left out")
				}
			}
			return true
		})
	}
	return all, err
}

const notBuilt = "the compiler"

// try runs the tests with the change, and returns which noticed it first.
func (m mutant) try(tree string) (by string, err error) {
	good, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	bad := string(good[:m.begin]) + m.by + string(good[m.end:])
	if err := os.WriteFile(m.file, []byte(bad), 0o644); err != nil {
		return "", err
	}
	defer func() { err = os.WriteFile(m.file, good, 0o644) }()
	if exec.Command("go", "build", "-C", tree, ".").Run() != nil {
		return notBuilt, nil
	}
	tests := exec.Command("go", "test", "-C", tree, "-vet=off", "-short", "-failfast", "-timeout", "3m", "./contract/...", ".")
	said, err := tests.CombinedOutput()
	if err == nil {
		return "", nil
	}
	return firstFailure(string(said)), nil
}

func firstFailure(said string) string {
	for _, line := range strings.Split(said, "\n") {
		if words := strings.Fields(line); len(words) > 2 && words[1] == "FAIL:" || len(words) > 1 && words[0] == "FAIL" {
			return strings.TrimPrefix(strings.Join(words[:min(3, len(words))], " "), "--- FAIL: ")
		}
	}
	return "a test binary that was not built"
}
