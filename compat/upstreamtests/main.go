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
	"regexp"
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
	filter, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "upstreamtests")
	if err != nil {
		return err
	}
	if *keep {
		fmt.Println(dir)
	} else {
		defer os.RemoveAll(dir)
	}
	s, err := newSuite(dir)
	if err != nil {
		return err
	}
	if err := s.build(); err != nil {
		return err
	}
	fmt.Printf("gocron %s: %d tests and examples; left out, as they need its insides: %d\n", *version, len(s.tests), len(s.leftOut))
	for _, name := range s.leftOut {
		fmt.Println("left out ", name)
	}
	return report(s.runAll(filter))
}

// report prints the failures, and returns an error unless they are the expected ones.
func report(failed []failure, ran map[string]bool) error {
	surprises := 0
	failing := map[string]bool{}
	for _, f := range failed {
		failing[f.name] = true
		if reason, ok := expected[f.name]; ok && !*itself {
			fmt.Printf("expected  %s: %s\n", f.name, reason)
			continue
		}
		surprises++
		fmt.Printf("FAILS     %s\n%s\n", f.name, indent(f.output))
	}
	for name := range expected {
		if ran[name] && !failing[name] && !*itself {
			surprises++
			fmt.Printf("PASSES    %s: it is in the list of expected failures\n", name)
		}
	}
	fmt.Printf("%d cases ran, %d failed\n", len(ran), len(failed))
	if surprises > 0 {
		return fmt.Errorf("%d cases of gocron %s are not as expected", surprises, *version)
	}
	return nil
}

func indent(s string) string {
	return "\t" + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n\t")
}
