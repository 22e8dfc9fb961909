//go:build go1.25

package docs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	// Blocks are built by a go command of their own. This import makes go test run the tests again
	// when the package has changed.
	_ "github.com/gocron-fixed/gocron/v2"
)

// Every Go block of README.md and of the pages here is built and vetted. A block is one of:
//
//   - a file, if it has a package clause: it is built as it is. A file with tests is a test file;
//   - declarations: they get a package clause, and the imports they use;
//   - statements: these also get a function around them, in which s is a gocron.Scheduler, j a
//     gocron.Job, ctx a context.Context and err an error. What they define need not be used, and
//     they may return an error.
//
// Imports are added from blockImports. A block with an import of its own is taken as declarations.
//
// Blocks that are followed by a block with the language "output" are run, and so are tests. An output
// is all that the program prints to standard output. At a line ^C the program is interrupted, as a
// terminal does, and ends by itself.
//
// Blocks that import a module with dependencies of its own are left to that module. The web page has
// none.
func TestGoBlocksOfTheDocumentation(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module")
	}
	var blocks []goBlock
	for _, page := range pages(t) {
		found := goBlocks(page.name, page.text)
		if page.name == "README.md" || page.name == "docs/COOKBOOK.md" {
			for _, block := range found {
				if strings.HasPrefix(block.text, "package main") && block.output == "" && !block.isTest() {
					t.Errorf("%s:%d: a program without its output", block.page, block.line)
				}
			}
		}
		blocks = append(blocks, found...)
	}
	if output, err := runBlocks(t, blocks); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// A program of the cookbook that needs more than this module stands in a file, too, with a test that
// runs it.
func TestProgramsThatNeedMoreAreFilesThatAreRun(t *testing.T) {
	files := map[string]string{"/gocron/metrics/prometheus": "../examples/dashboard/prometheus/main"}
	text, err := os.ReadFile("COOKBOOK.md")
	require.NoError(t, err)
	left := 0
	for _, block := range allGoBlocks("docs/COOKBOOK.md", string(text)) {
		for imported, file := range files {
			if !strings.Contains(block.text, imported) {
				continue
			}
			left++
			program, err := os.ReadFile(file + ".go")
			require.NoError(t, err)
			require.Equal(t, string(program), block.text)
			test, err := os.ReadFile(file + "_test.go")
			require.NoError(t, err)
			output := regexp.MustCompile(`(?m)^`).ReplaceAllString(strings.TrimSuffix(block.output, "\n"), "\t// ")
			require.Contains(t, string(test), "\tmain()\n\t// Output:\n"+output+"\n}")
		}
	}
	require.Equal(t, len(files), left)
}

func TestGoBlocksAreFoundAndBuilt(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module")
	}
	page := strings.NewReplacer("'''", "```", "''", "`").Replace(`
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
A program that is interrupted:
'''go
package main

import (
	"fmt"
	"os"
	"os/signal"
)

func main() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	fmt.Println("works")
	fmt.Println("waits")
	<-c
	fmt.Println("ends")
}
'''
It prints
'''output
works
waits
^C
ends
'''
A test:
'''go
package main

import "testing"

func TestSum(t *testing.T) {
	if 1+1 != 2 {
		t.Error("no")
	}
}
'''
| you want | write |
|---|---|
| 10 s | ''gocron.DurationJob(10*time.Second)'' or ''@every 10s'' |
`)
	blocks := goBlocks("page.md", page)
	require.Len(t, blocks, 8)
	output, err := runBlocks(t, blocks)
	require.NoError(t, err, output)

	for _, broken := range []struct{ old, new, said string }{
		{"s.Update(j.ID(), ", "s.Update(", "page.md:26:"},
		{"1+1", "1", "FAIL: TestSum"},
		{"^C\nends", "^C\nstops", "page.md:44: prints\nworks\nwaits\nends"},
		{"DurationJob(10*time.Second)", "DurationJob(0)", "page.md:82: prints\ngocron: DurationJob"},
	} {
		broke := strings.Replace(page, broken.old, broken.new, 1)
		require.NotEqual(t, page, broke, broken.old)
		output, err = runBlocks(t, goBlocks("page.md", broke))
		require.Error(t, err, broken.new)
		require.Contains(t, output+err.Error(), broken.said)
	}
}

// A goBlock is the text of a fenced Go block, without its indentation.
type goBlock struct {
	page   string
	line   int // of its first line in the page, from 1
	text   string
	output string // what it prints; empty if the page does not say
}

// isTest reports whether the block is a file with tests, for go test.
func (b goBlock) isTest() bool {
	return strings.HasPrefix(b.text, "package ") && strings.Contains(b.text, "\nfunc Test")
}

var fence = regexp.MustCompile("^([ \t]*)(```+|~~~+)[ \t]*([^ \t]*)")

// needsMore is in blocks that import what this module does not require.
var needsMore = regexp.MustCompile(`(?m)^\s*(import\s+)?(\w+\s+)?"github\.com/gocron-fixed/gocron/(distributed|metrics|store)/`)

// goBlocks are the Go blocks of a page that this module can build, and the definitions in its tables.
func goBlocks(page, text string) []goBlock {
	return slices.DeleteFunc(allGoBlocks(page, text), func(b goBlock) bool {
		return needsMore.MatchString(b.text)
	})
}

func allGoBlocks(page, text string) []goBlock {
	var blocks []goBlock
	indentation, closing := "", "" // of the block that is open
	var open *string               // where its lines go; nil for a block of another language
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		mark := fence.FindStringSubmatch(line)
		switch {
		case closing == "" && mark != nil:
			indentation, closing = mark[1], mark[2]
			switch {
			case mark[3] == "go":
				blocks = append(blocks, goBlock{page: page, line: i + 2})
				open = &blocks[len(blocks)-1].text
			case mark[3] == "output" && len(blocks) > 0:
				open = &blocks[len(blocks)-1].output
			}
		case closing == "":
			blocks = append(blocks, definitions(page, i+1, line)...)
		case strings.TrimSpace(line) == closing:
			open, closing = nil, ""
		case open != nil:
			*open += strings.TrimPrefix(line, indentation) + "\n"
		}
	}
	return blocks
}

var definition = regexp.MustCompile("`(gocron\\.[A-Za-z]+Job\\([^`]*\\)|gocron\\.AnyOf\\([^`]*\\))`")

// definitions makes programs of the definitions of jobs in a line of a table, which say whether NewJob
// would take them. They may use the variables below.
func definitions(page string, number int, line string) (programs []goBlock) {
	if !strings.HasPrefix(line, "|") || path.Dir(page) != "." { // pages in docs have names for a reader
		return nil
	}
	for _, match := range definition.FindAllStringSubmatch(line, -1) {
		programs = append(programs, goBlock{page: page, line: number, output: "ok\n", text: fmt.Sprintf(`package main

import ("fmt"; "time"; "github.com/gocron-fixed/gocron/v2")

var (
	t = time.Now().Add(time.Hour) // an instant
	times = gocron.NewAtTimes(gocron.NewAtTime(8, 0, 0))
	rule = gocron.ScheduleFunc(func(after time.Time) time.Time { return after.Add(time.Hour) })
	_, _, _ = t, times, rule
)

func main() {
	if err := gocron.Validate(
//line %s:%d
%s); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ok")
}
`, page, number, match[1])})
	}
	return programs
}

// runBlocks builds all blocks as packages of one module that requires this one, runs those that have
// an output, and tests. It returns what the compiler, go vet and go test say.
func runBlocks(t *testing.T, blocks []goBlock) (output string, err error) {
	t.Helper()
	dir := blockModule(t)
	var tests []string
	for i, block := range blocks {
		source, err := block.source()
		if err != nil {
			return "", err // names the place
		}
		folder := filepath.Join(dir, fmt.Sprintf("block%d", i))
		require.NoError(t, os.Mkdir(folder, 0o755))
		name := "block.go"
		if block.isTest() {
			name = "block_test.go"
			tests = append(tests, fmt.Sprintf("./block%d", i))
		}
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(source), 0o644))
	}
	bin := filepath.Join(dir, "bin") + string(filepath.Separator)
	commands := [][]string{{"build", "-ldflags=-s -w", "-o", bin, "./..."}, {"vet", "-unreachable=false", "./..."}}
	if len(tests) > 0 {
		commands = append(commands, append([]string{"test"}, tests...))
	}
	for _, args := range commands {
		command := exec.Command("go", args...)
		command.Dir = dir
		command.Env = append(os.Environ(), "GODEBUG=", "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
		said, err := command.CombinedOutput()
		if err != nil {
			return string(said), fmt.Errorf("go %s: %w", args[0], err)
		}
	}
	for i, block := range blocks {
		if block.output != "" {
			err = errors.Join(err, block.run(fmt.Sprintf("%sblock%d", bin, i)))
		}
	}
	return "", err
}

// run runs the program that the block was built into, and compares what it prints.
func (b goBlock) run(program string) error {
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	before, after, interrupted := strings.Cut(b.output, "^C\n")
	if interrupted && runtime.GOOS == "windows" {
		return nil // it cannot interrupt another process
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second) // a net
	defer cancel()
	command := exec.CommandContext(ctx, program)
	var stdout output
	var stderr bytes.Buffer
	stdout.want, stdout.reached = before, func() {
		if interrupted {
			_ = command.Process.Signal(os.Interrupt)
		}
	}
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if got := string(stdout.got); err != nil || got != before+after {
		return fmt.Errorf("%s:%d: prints\n%s%sand ends with: %v\nbut the page says\n%s", b.page, b.line, got, &stderr, err, b.output)
	}
	return nil
}

// An output collects what is printed, and calls reached once that is as long as want.
type output struct {
	want    string
	reached func()
	got     []byte
}

func (o *output) Write(p []byte) (int, error) {
	o.got = append(o.got, p...)
	if o.reached != nil && len(o.got) >= len(o.want) { // something else may have been printed
		o.reached()
		o.reached = nil
	}
	return len(p), nil
}

var goLine = regexp.MustCompile(`(?m)^go [0-9.]+$`)

// blockModule makes a module that has this one's requirements, which are in the
// module cache, and this one.
func blockModule(t *testing.T) (dir string) {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	mod, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	sum, err := os.ReadFile("../go.sum")
	require.NoError(t, err)
	const own = "github.com/gocron-fixed/gocron/v2"
	mod = bytes.Replace(mod, []byte("module "+own), []byte("module blocks"), 1)
	mod = goLine.ReplaceAll(mod, []byte("go 1.25.0")) // blocks may show new packages
	mod = append(mod, fmt.Sprintf("\nrequire %s v2.0.0\n\nreplace %s => %q\n", own, own, root)...)
	const page = "github.com/gocron-fixed/gocron/dashboard"
	mod = append(mod, fmt.Sprintf("\nrequire %s v1.0.0\n\nreplace %s => %q\n", page, page, filepath.Join(root, "dashboard"))...)
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
	"github.com/gocron-fixed/gocron/dashboard",
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
