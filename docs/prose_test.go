// Package docs has the pages of the documentation, and tests of them.
package docs

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// A page is a text of the documentation, under its path from the root.
type page struct {
	name, text string
}

// pages are README.md and the pages in docs.
func pages(t *testing.T) (some []page) {
	t.Helper()
	for _, page := range allPages(t) {
		if dir := path.Dir(page.name); page.name == "README.md" || dir == "docs" {
			some = append(some, page)
		}
	}
	require.Greater(t, len(some), 5)
	return some
}

// allPages are the pages in all folders.
func allPages(t *testing.T) (all []page) {
	t.Helper()
	require.NoError(t, filepath.WalkDir("..", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(file, ".."+string(filepath.Separator)))
		switch {
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "testdata" || entry.Name() == "node_modules"):
			return filepath.SkipDir
		case !entry.IsDir() && strings.HasSuffix(name, ".md"):
			text, err := os.ReadFile(file)
			all = append(all, page{name, strings.ReplaceAll(string(text), "\r", "")})
			return err
		}
		return nil
	}))
	return all
}

// plainer are phrases that puzzle readers, and what to write instead. They are looked for in any
// case, also over the end of a line.
var plainer = map[string]string{
	"accounted for exactly once":   "runs when it is due, exactly once",
	"what became of":               "run outcomes, what happened to",
	"in the place of":              "instead of",
	"what becomes of":              "what happens to",
	"its job's turn":               "does not block other runs of the job",
	"lives in the scheduler's":     "uses the scheduler's time zone",
	"live in the scheduler's":      "use the scheduler's time zone",
	"lives in the location":        "uses the time zone",
	"live in the location":         "use the time zone",
	"a wall time that comes twice": "a job due in the repeated hour",
	"nothing of yours":             "no lock is held while your code runs",
	"nothing of the user's":        "no user code",
	"hangs, spinning":              "hangs at 100 % CPU",
	"those of":                     "say the thing again",
	"one of its own":               "its own",
	"besides":                      "also",
	"to be had":                    "possible, available",
	"made up for":                  "say what happens",
	"is performed":                 "runs",
	"was performed":                "ran",
	"not performed":                "did not run",
	"are performed":                "run",
}

func TestPagesUsePlainWords(t *testing.T) {
	for _, page := range append(allPages(t), docComments(t)...) {
		for _, puzzle := range puzzles(page.text) {
			t.Errorf("%s:%d: %q: %s", page.name, puzzle.line, puzzle.phrase, plainer[puzzle.phrase])
		}
	}
}

type puzzle struct {
	phrase string
	line   int
}

// puzzles finds the phrases of plainer in a text. What stands in fenced blocks is not read.
func puzzles(text string) (found []puzzle) {
	lines := strings.Split(text, "\n")
	blankFences(lines)
	text = strings.ToLower(strings.Join(lines, "\n"))
	for phrase := range plainer {
		words := regexp.MustCompile(`\b` + strings.ReplaceAll(regexp.QuoteMeta(phrase), " ", `\s+`) + `\b`)
		for _, at := range words.FindAllStringIndex(text, -1) {
			found = append(found, puzzle{phrase, 1 + strings.Count(text[:at[0]], "\n")})
		}
	}
	return found
}

// blankFences empties the lines of fenced blocks, so that the others keep their numbers.
func blankFences(lines []string) {
	closing := ""
	for i, line := range lines {
		mark := fenced.FindStringSubmatch(line)
		switch {
		case closing == "" && mark != nil:
			closing = mark[1]
		case closing == "":
			continue
		case strings.TrimSpace(line) == closing:
			closing = ""
		}
		lines[i] = ""
	}
}

var fenced = regexp.MustCompile("^[ \t]*(```+|~~~+)")

// docComments are the comments that go doc shows of the package.
func docComments(t *testing.T) (all []page) {
	t.Helper()
	files, err := filepath.Glob("../*.go")
	require.NoError(t, err)
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			syntax, err := parser.ParseFile(fset, file, nil, parser.ParseComments)
			require.NoError(t, err)
			parsed = append(parsed, syntax)
		}
	}
	pkg, err := doc.NewFromFiles(fset, parsed, "github.com/gocron-fixed/gocron/v2")
	require.NoError(t, err)
	add := func(name, text string) { all = append(all, page{"go doc " + name, text}) }
	values := func(values []*doc.Value) {
		for _, value := range values {
			add(value.Names[0], value.Doc)
			for _, spec := range value.Decl.Specs {
				spec := spec.(*ast.ValueSpec)
				add(spec.Names[0].Name, spec.Doc.Text()+spec.Comment.Text())
			}
		}
	}
	funcs := func(funcs []*doc.Func) {
		for _, f := range funcs {
			add(f.Name, f.Doc)
		}
	}
	add(".", pkg.Doc)
	values(pkg.Consts)
	values(pkg.Vars)
	funcs(pkg.Funcs)
	for _, typ := range pkg.Types {
		add(typ.Name, typ.Doc)
		values(typ.Consts)
		values(typ.Vars)
		funcs(typ.Funcs)
		funcs(typ.Methods)
		ast.Inspect(typ.Decl, func(n ast.Node) bool {
			if field, ok := n.(*ast.Field); ok && len(field.Names) > 0 {
				add(typ.Name+"."+field.Names[0].Name, field.Doc.Text()+field.Comment.Text())
			}
			return true
		})
	}
	return all
}

// The README's table of speeds has rows of BENCHMARKS.md, which a program writes.
func TestSpeedsOfTheREADMEAreInTheBenchmarks(t *testing.T) {
	rows := func(name, heading string) []string {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		_, section, _ := strings.Cut(string(text), heading)
		_, table, _ := strings.Cut(section, "|---")
		table, _, _ = strings.Cut(table, "\n\n")
		var rows []string
		for _, row := range strings.Split(table, "\n")[1:] {
			rows = append(rows, strings.Join(strings.Fields(row), " "))
		}
		return rows
	}
	speeds := rows("../README.md", "## Speed")
	require.Len(t, speeds, 5)
	require.Subset(t, rows("BENCHMARKS.md", "# Benchmarks"), speeds)
}

const longestCell = 200

func TestTableCellsAreShort(t *testing.T) {
	for _, page := range allPages(t) {
		lines := strings.Split(page.text, "\n")
		blankFences(lines)
		for i, line := range lines {
			if n := longest(line); n > longestCell {
				t.Errorf("%s:%d: a cell of %d characters: put it in a sentence below the table", page.name, i+1, n)
			}
		}
	}
}

var linkTarget = regexp.MustCompile(`\]\([^)]*\)`)

// longest is the length of the longest cell of a row, as a reader sees it; 0 for another line.
func longest(line string) (n int) {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "|") {
		return 0
	}
	line = linkTarget.ReplaceAllString(line, "]")
	for _, cell := range strings.Split(strings.ReplaceAll(line, `\|`, "/"), "|") {
		n = max(n, utf8.RuneCountInString(strings.TrimSpace(cell)))
	}
	return n
}

func TestLinksLeadSomewhere(t *testing.T) {
	all := allPages(t)
	headings := map[string]map[string]bool{} // by page, the anchors it has
	for _, page := range all {
		headings[page.name] = anchors(page.text)
	}
	links := 0
	for _, page := range all {
		lines := strings.Split(page.text, "\n")
		blankFences(lines)
		for i, line := range lines {
			for _, link := range link.FindAllStringSubmatch(line, -1) {
				links++
				if why := leadsNowhere(page.name, link[1], headings); why != "" {
					t.Errorf("%s:%d: %s: %s", page.name, i+1, link[1], why)
				}
			}
		}
	}
	require.Greater(t, links, 100)
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// leadsNowhere says what is missing of a link from a page to another page, a file or a heading.
func leadsNowhere(from, to string, headings map[string]map[string]bool) string {
	if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
		return ""
	}
	file, anchor, hasAnchor := strings.Cut(to, "#")
	target := from
	if file != "" {
		target = path.Join(path.Dir(from), file)
	}
	if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(target))); err != nil {
		return "there is no such file"
	}
	if hasAnchor && !headings[target][anchor] {
		return "there is no such heading"
	}
	return ""
}

// anchors are the anchors that GitHub gives the headings of a page.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	lines := strings.Split(text, "\n")
	blankFences(lines)
	for _, line := range lines {
		marks, heading, ok := strings.Cut(line, " ")
		if !ok || marks == "" || strings.Trim(marks, "#") != "" {
			continue
		}
		heading = linkTarget.ReplaceAllString(heading, "]")
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(heading))
		unique := anchor
		for n := 1; all[unique]; n++ {
			unique = anchor + "-" + strconv.Itoa(n)
		}
		all[unique] = true
	}
	return all
}

func TestTheChecksOfPagesFindMistakes(t *testing.T) {
	text := "# Runs and `Jobs`, or: more\n\nWhat\nbecame of it.\n```\nbesides\n```\n# Runs and `Jobs`, or: more\n"
	require.Equal(t, []puzzle{{"what became of", 3}}, puzzles(text))

	require.Equal(t, 5, longest("| ab | [cdefg](https://example.com/a/long/address) |")-2) // without [ and ]
	require.Zero(t, longest("not a | row"))

	headings := map[string]map[string]bool{"docs/FAQ.md": anchors(text)}
	require.Equal(t, map[string]bool{"runs-and-jobs-or-more": true, "runs-and-jobs-or-more-1": true}, headings["docs/FAQ.md"])
	for link, works := range map[string]bool{
		"https://example.com":          true,
		"../go.mod":                    true,
		"FAQ.md#runs-and-jobs-or-more": true,
		"FAQ.md#runs":                  false,
		"#runs":                        false,
		"no-such-page.md":              false,
	} {
		require.Equal(t, works, leadsNowhere("docs/FAQ.md", link, headings) == "", link)
	}
}
