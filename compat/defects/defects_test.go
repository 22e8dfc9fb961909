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
