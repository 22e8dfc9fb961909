package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"sort"
	"strings"
)

// A failure is a test that failed in every try, with what it printed in the last.
type failure struct {
	name, output string
}

// runAll runs each package, and then each test that failed in a process of its own, since
// one that fails may leave goroutines behind that others find.
func (s *suite) runAll(filter *regexp.Regexp) (failed []failure, ran map[string]bool) {
	ran = map[string]bool{}
	for _, folder := range []string{"suite", "examples"} {
		tried, bad := s.try(folder, filter.String())
		for i := 0; i < *again; i++ {
			var still []failure
			for _, test := range topLevel(bad) {
				_, more := s.try(folder, "^"+regexp.QuoteMeta(test)+"$")
				still = append(still, more...)
			}
			bad = inBoth(bad, still)
		}
		for _, name := range tried {
			ran[name] = true
		}
		failed = append(failed, bad...)
	}
	sort.Slice(failed, func(i, k int) bool { return failed[i].name < failed[k].name })
	return failed, ran
}

// try runs tests of a package. It names those that have no parts that tell more, and of
// these the ones that failed.
func (s *suite) try(folder, pattern string) (ran []string, failed []failure) {
	cmd := s.goCommand(folder, "tool", "test2json", "-t", s.binary(folder), "-test.v=test2json", "-test.run", pattern, "-test.timeout", "10m")
	out, _ := cmd.Output() // a failed test is an error, too
	output, state := map[string]string{}, map[string]string{}
	for _, line := range bytes.Split(out, []byte("\n")) {
		var e struct{ Action, Test, Output string }
		if json.Unmarshal(line, &e) != nil || e.Test == "" {
			continue
		}
		switch e.Action {
		case "run":
			state[e.Test] = "hangs"
		case "output":
			output[e.Test] += e.Output
		case "pass", "fail", "skip":
			state[e.Test] = e.Action
		}
	}
	for test, is := range state {
		if hasParts(state, test) {
			continue
		}
		ran = append(ran, test)
		if is == "fail" || is == "hangs" {
			failed = append(failed, failure{test, output[test]})
		}
	}
	return ran, failed
}

// hasParts tells whether the parts of a test say how it went.
func hasParts(state map[string]string, test string) bool {
	for other, is := range state {
		if strings.HasPrefix(other, test+"/") && (is == "fail" || state[test] != "fail") {
			return true
		}
	}
	return false
}

// topLevel names the tests that have these failures.
func topLevel(failed []failure) (names []string) {
	seen := map[string]bool{}
	for _, f := range failed {
		if test, _, _ := strings.Cut(f.name, "/"); !seen[test] {
			seen[test] = true
			names = append(names, test)
		}
	}
	return names
}

func inBoth(before, after []failure) (both []failure) {
	for _, f := range after {
		for _, g := range before {
			if f.name == g.name {
				both = append(both, f)
			}
		}
	}
	return both
}
