package main

import (
	"strings"
	"unicode"
)

// A harm is what a group of rows does to a program.
type harm struct {
	title, about string
	rows         string // their names
}

// harms are the groups of the page, the worst first. A row is in one of them.
var harms = []harm{
	{"The scheduler hangs", "One call, or one job, and no job of the scheduler runs any more.",
		"1a 1b 1c 1d 1e 1f 2 3a 3b 4a 4b 5a 5b"},
	{"The program crashes", "A panic in the call, or later on a goroutine where no code of the program can recover it.",
		"17b 17c 17d 17e 17f 17g 17h"},
	{"Runs or jobs are lost", "A run that was due is not made, and nothing says so.",
		"6a 6b 7b 9 11 13 16a 33a 33b 35b 36"},
	{"A task runs too often, or twice at once", "Work is done again, or by two goroutines that must not meet.",
		"8a 8b 8c 8d 10a 10b 12 14 15 28c 33c"},
	{"A task runs at the wrong time", "Mostly in the nights when clocks are changed.",
		"27a 31 32 33d 33e 34b 34c 35a"},
	{"Locks stay, tasks are cancelled", "A context has ended that should be alive.",
		"18a 18b 18c 19"},
	{"A stop goes wrong", "Shutdown times out, returns too early, uses a processor or leaves goroutines.",
		"7a 20 21a 21b 22a 22b 22c 23a 23b"},
	{"What is reported is wrong", "Times, counts and events that a program shows or acts on.",
		"16b 24a 24b 25 26a 26b 26c 26d 27b 28a 28b 29a 29b 30a 30b 30d 30e"},
	{"A good job is refused", "NewJob returns an error for what can be run.",
		"17a 34a"},
}

// of are those rows that are in the group, in its order.
func (h harm) of(rows []*row) (some []*row) {
	for _, name := range strings.Fields(h.rows) {
		for _, r := range rows {
			if r.name == name {
				some = append(some, r)
			}
		}
	}
	return some
}

// anchor is the name by which a page links to one of its headings.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
			return r
		default:
			return -1
		}
	}, strings.ToLower(heading))
}
