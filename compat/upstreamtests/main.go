// The upstreamtests command runs the test suite of a release of gocron against this
// package. It takes the suite from the module cache into a temporary folder, where a
// replace puts this package in the place of gocron. Tests that need gocron's insides
// don't compile there and are left out, but for those that standins.txt serves. It
// fails if a test fails that is not in the list of expected failures.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

var (
	version = flag.String("version", "v2.22.0", "the release whose suite is run")
	root    = flag.String("root", "..", "the folder of the package that is tested")
	only    = flag.String("run", ".", "run only the tests that this matches, as go test does")
	again   = flag.Int("again", 2, "how often a failed test gets another try, as the suite goes by real time")
	itself  = flag.Bool("itself", false, "run the suite on gocron itself, to see which tests fail on this machine")
	keep    = flag.Bool("keep", false, "keep the temporary folder, and print its name")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	s, err := newSuite(*version, *root, *itself)
	if err != nil {
		return err
	}
	if *keep {
		fmt.Println(s.dir)
	} else {
		defer os.RemoveAll(s.dir)
	}
	if err := s.build(); err != nil {
		return err
	}
	filter, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	fmt.Printf("gocron %s: %d tests and examples, %d left out as they need its insides\n", *version, len(s.tests), len(s.leftOut))
	for _, name := range s.leftOut {
		fmt.Println("  left out", name)
	}
	failed, ran := s.runAll(filter)
	return report(failed, ran)
}

// report prints the failures, and returns an error unless they are the expected ones.
func report(failed []failure, ran int) error {
	surprises := 0
	sort.Slice(failed, func(i, k int) bool { return failed[i].name < failed[k].name })
	for _, f := range failed {
		if reason, ok := expected[f.name]; ok {
			fmt.Printf("expected  %s: %s\n", f.name, reason)
			continue
		}
		surprises++
		fmt.Printf("FAILS     %s\n%s\n", f.name, indent(f.output))
	}
	fmt.Printf("%d ran, %d failed, %d of these not expected\n", ran, len(failed), surprises)
	if surprises > 0 {
		return fmt.Errorf("%d tests of gocron %s fail", surprises, *version)
	}
	return nil
}

func indent(s string) string {
	return "\t" + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n\t")
}

func absolute(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		panic(err)
	}
	return abs
}
