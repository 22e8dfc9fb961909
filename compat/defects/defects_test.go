package main

import (
	"strings"
	"testing"

	ours "github.com/gocron-fixed/gocron/v2/compat/internal/ours/defects"
	theirs "github.com/gocron-fixed/gocron/v2/compat/internal/theirs/defects"
)

func TestEveryRowIsComplete(t *testing.T) {
	text, seen := sources(), map[string]bool{}
	for i, r := range ours.All() {
		p := text[functionName(r.Run)]
		if p.contract == "" || !strings.HasPrefix(p.code, "func ") {
			t.Errorf("%s: no contract or no source", r.Name)
		}
		if seen[r.Name] {
			t.Errorf("%s twice", r.Name)
		}
		seen[r.Name] = true
		if twin := theirs.All()[i]; twin.Name != r.Name || functionName(twin.Run) != functionName(r.Run) {
			t.Errorf("%s: its twin is %s", r.Name, twin.Name)
		}
	}
}

func TestRowsAreFoundByNumber(t *testing.T) {
	for list, want := range map[string]string{"7": "7a 7b", "2": "2", "4b,2": "2 4b"} {
		var got []string
		for _, r := range selected(list) {
			got = append(got, r.name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", list, got)
		}
	}
}

func TestEveryRowIsInOneGroup(t *testing.T) {
	groups := map[string]int{}
	for _, h := range harms {
		for _, name := range strings.Fields(h.rows) {
			groups[name]++
		}
	}
	for _, r := range ours.All() {
		if groups[r.Name] != 1 {
			t.Errorf("%s is in %d groups of harm.go", r.Name, groups[r.Name])
		}
		delete(groups, r.Name)
	}
	if len(groups) > 0 {
		t.Errorf("harm.go names rows that are not there: %v", groups)
	}
}

// The page links to its own headings.
func TestPageOfAGroup(t *testing.T) {
	rows := selected("17b,1a")
	for _, r := range rows {
		r.outcomes = []outcome{{verdict: crash + "panic: a | b"}, {verdict: "refused", ok: true}}
	}
	var page strings.Builder
	write(&page, []side{{title: "gocron v0"}, {title: "here"}}, rows, sources())
	for _, want := range []string{
		"2 small programs", "gocron v0 2, here 0.", "| [The program crashes](#the-program-crashes) | 1 | 1 | 0 |",
		"| [17b](#17b-a-urlurl-given-for-a-timetime) | a `url.URL` given for a `time.Time` | crashes: `panic: a \\| b` | ok: refused |",
		"\n### 17b. a `url.URL` given for a `time.Time`\n",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
