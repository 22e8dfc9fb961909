//go:build go1.25

package gocron

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every Go block of README.md and docs/*.md is built and vetted. A block is one
// of three things:
//
//   - a file, if it has a package clause: it is built as it is;
//   - declarations: they get a package clause, and the imports they use;
//   - statements: these get, besides, a function around them, in which s is a
//     gocron.Scheduler, j a gocron.Job, ctx a context.Context and err an error.
//     What they define need not be used, and they may return an error.
//
// Those that import a nested module are left to that.
//
// Imports are added from blockImports. A block with an import of its own is
// taken as declarations.
func TestGoBlocksOfTheDocumentationBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module")
	}
	if _, err := os.Stat("README.md"); os.IsNotExist(err) {
		t.Skip("there is no README.md")
	}
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	var blocks []goBlock
	for _, page := range append(pages, "README.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		blocks = append(blocks, goBlocks(page, string(text))...)
	}
	if output, err := buildBlocks(t, blocks); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

func TestGoBlocksAreFoundAndBuilt(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module")
	}
	page := strings.ReplaceAll(`
'''sh
go get example.com
'''
A file:
'''go
package main

import "github.com/gocron-fixed/gocron/v2"

func main() { _, _ = gocron.NewScheduler() }
'''
Statements, in a list:

1. like

   '''go
   s, err := gocron.NewScheduler() // of the block's own
   if err != nil {
       return err
   }
   j, err := s.NewJob(gocron.DurationJob(time.Second), gocron.NewTask(func(id uuid.UUID) {}, uuid.New()))
   '''
'''go
// In the meantime. A comment is no use of package time.
fmt.Println(s.Update(j.ID(), gocron.DurationJob(time.Hour), gocron.NewTask(func() {})))
select {}
'''
'''go
func TestJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { require.True(t, true) })
}
'''
Declarations:
'''go
type never struct{}

func (never) IsLeader(context.Context) error { return errors.New("never") }

var _ gocron.Elector = never{}
'''
`, "'''", "```")
	blocks := goBlocks("page.md", page)
	require.Len(t, blocks, 5)
	output, err := buildBlocks(t, blocks)
	require.NoError(t, err, output)

	broken := goBlocks("page.md", strings.Replace(page, "s.Update(j.ID(), ", "s.Update(", 1))
	output, err = buildBlocks(t, broken)
	require.Error(t, err)
	require.Contains(t, output, "page.md:26:")
}

// A goBlock is the text of a fenced Go block, without its indentation.
type goBlock struct {
	page string
	line int // of its first line in the page, from 1
	text string
}

// nestedModule is in the import of one.
var nestedModule = regexp.MustCompile(`/gocron/(distributed|metrics)/`)

var fence = regexp.MustCompile("^([ \t]*)(```+|~~~+)[ \t]*([^ \t]*)")

func goBlocks(page, text string) []goBlock {
	var blocks []goBlock
	indentation, closing := "", "" // of the block that is open
	var open *goBlock              // nil in a block of another language
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		mark := fence.FindStringSubmatch(line)
		switch {
		case closing == "" && mark != nil:
			indentation, closing = mark[1], mark[2]
			if mark[3] == "go" {
				open = &goBlock{page: page, line: i + 2}
			}
		case closing == "":
		case strings.TrimSpace(line) == closing:
			if open != nil && !nestedModule.MatchString(open.text) {
				blocks = append(blocks, *open)
			}
			open, closing = nil, ""
		case open != nil:
			open.text += strings.TrimPrefix(line, indentation) + "\n"
		}
	}
	return blocks
}

// buildBlocks builds all blocks as packages of one module that requires this
// one, and returns what the compiler and go vet say.
func buildBlocks(t *testing.T, blocks []goBlock) (output string, err error) {
	t.Helper()
	dir := blockModule(t)
	for i, block := range blocks {
		source, err := block.source()
		if err != nil {
			return "", err // names the place
		}
		folder := filepath.Join(dir, fmt.Sprintf("block%d", i))
		require.NoError(t, os.Mkdir(folder, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "block.go"), []byte(source), 0o644))
	}
	for _, args := range [][]string{{"build", "-o", os.DevNull, "./..."}, {"vet", "-unreachable=false", "./..."}} {
		command := exec.Command("go", args...)
		command.Dir = dir
		command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
		said, err := command.CombinedOutput()
		if err != nil {
			return string(said), fmt.Errorf("go %s: %w", args[0], err)
		}
	}
	return "", nil
}

var goLine = regexp.MustCompile(`(?m)^go [0-9.]+$`)

// blockModule makes a module that has this one's requirements, which are in the
// module cache, and this one.
func blockModule(t *testing.T) (dir string) {
	t.Helper()
	root, err := filepath.Abs(".")
	require.NoError(t, err)
	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	sum, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	const own = "github.com/gocron-fixed/gocron/v2"
	mod = bytes.Replace(mod, []byte("module "+own), []byte("module blocks"), 1)
	mod = goLine.ReplaceAll(mod, []byte("go 1.25.0")) // blocks may show new packages
	mod = append(mod, fmt.Sprintf("\nrequire %s v2.0.0\n\nreplace %s => %q\n", own, own, root)...)
	dir = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), mod, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o644))
	return dir
}

// blockImports are the packages that blocks may use without importing them.
var blockImports = []string{
	"context", "errors", "fmt", "log", "log/slog", "net/http", "os", "os/signal", "runtime", "sync",
	"sync/atomic", "syscall", "testing", "testing/synctest", "time",
	"github.com/gocron-fixed/gocron/v2",
	"github.com/google/uuid",
	"github.com/jonboulle/clockwork",
	"github.com/stretchr/testify/require",
}

// The lines that make a file of declarations, and a function of statements.
const (
	packageLine  = "package block\n"
	functionHead = "func _(ctx context.Context, s gocron.Scheduler, j gocron.Job, err error) error {\n{\n"
	functionTail = "}\nreturn nil\n}\n"
)

// source is the block as a Go file, whose compiler errors name lines of the page.
func (b goBlock) source() (string, error) {
	position := fmt.Sprintf("//line %s:%d\n", b.page, b.line)
	if _, err := parse(b.text); err == nil {
		return position + b.text, nil
	}
	if file, err := parse(packageLine + b.text); err == nil {
		return packageLine + missingImports(file) + position + b.text, nil
	}
	head := packageLine + functionHead + position
	file, err := parse(head + b.text + functionTail)
	if err != nil {
		return "", err
	}
	return packageLine + missingImports(file) + functionHead + position + b.useAll(file, len(head)) + functionTail, nil
}

// parse gives a file whose positions are offsets in source, plus 1.
func parse(source string) (*ast.File, error) {
	return parser.ParseFile(token.NewFileSet(), "", source, parser.SkipObjectResolution)
}

// useAll returns the block's statements, with a use of every variable that they
// define. They are the body of the function in file, where they begin at offset.
func (b goBlock) useAll(file *ast.File, offset int) string {
	statements := file.Decls[0].(*ast.FuncDecl).Body.List[0].(*ast.BlockStmt)
	var used strings.Builder
	from := 0
	for _, statement := range statements.List {
		end := int(statement.End()) - 1 - offset
		used.WriteString(b.text[from:end])
		from = end
		for _, name := range defined(statement) {
			fmt.Fprintf(&used, "; _ = %s", name)
		}
	}
	used.WriteString(b.text[from:])
	return used.String()
}

// defined are the variables that a statement adds to its block.
func defined(statement ast.Stmt) (names []string) {
	add := func(e ast.Expr) {
		if name, ok := e.(*ast.Ident); ok && name.Name != "_" {
			names = append(names, name.Name)
		}
	}
	switch statement := statement.(type) {
	case *ast.AssignStmt:
		if statement.Tok == token.DEFINE {
			for _, e := range statement.Lhs {
				add(e)
			}
		}
	case *ast.DeclStmt:
		for _, spec := range statement.Decl.(*ast.GenDecl).Specs {
			if spec, ok := spec.(*ast.ValueSpec); ok {
				for _, name := range spec.Names {
					add(name)
				}
			}
		}
	}
	return names
}

// missingImports imports those of blockImports that the file mentions, unless it
// has imports of its own.
func missingImports(file *ast.File) string {
	if len(file.Imports) > 0 {
		return ""
	}
	mentioned := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if name, ok := selector.X.(*ast.Ident); ok {
				mentioned[name.Name] = true
			}
		}
		return true
	})
	var imports strings.Builder
	for _, importPath := range blockImports {
		if mentioned[path.Base(strings.TrimSuffix(importPath, "/v2"))] {
			fmt.Fprintf(&imports, "import %q\n", importPath)
		}
	}
	return imports.String()
}
