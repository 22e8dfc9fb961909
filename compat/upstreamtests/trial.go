package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// A failure is a test that failed in every try, with what it printed in the last.
type failure struct {
	name, output string
}

// runAll runs each package, and then each test that failed in a process of its own, since
// one that fails may leave goroutines behind that others find.
func (s *suite) runAll(filter *regexp.Regexp) (failed []failure, ran int) {
	for _, name := range s.packages {
		tried, bad := s.try(name, filter.String())
		for i := 0; i < *again; i++ {
			var still []failure
			for _, test := range topLevel(bad) {
				_, more := s.try(name, "^"+regexp.QuoteMeta(test)+"$")
				still = append(still, more...)
			}
			bad = inBoth(bad, still)
		}
		ran += tried
		failed = append(failed, bad...)
	}
	return failed, ran
}

// try runs tests of a package and returns those that fail without a failing part.
func (s *suite) try(name, pattern string) (ran int, failed []failure) {
	binary := filepath.Join(s.dir, name, "test.bin")
	cmd := exec.Command("go", "tool", "test2json", "-t", binary, "-test.v=test2json", "-test.run", pattern, "-test.timeout", "10m")
	cmd.Dir = filepath.Join(s.dir, name)
	cmd.Env = append(os.Environ(), "GODEBUG=")
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
		ran++
		if is == "fail" || is == "hangs" {
			failed = append(failed, failure{test, output[test]})
		}
	}
	return ran, failed
}

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
