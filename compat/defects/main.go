// The defects command runs small programs on two schedulers, each program in a
// process of its own, and prints what they saw. With -also it runs them on another
// release of gocron, too. It fails if one goes wrong on this project's scheduler.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
	_ "time/tzdata"

	ours "github.com/gocron-fixed/gocron/v2/compat/internal/ours/defects"
	theirs "github.com/gocron-fixed/gocron/v2/compat/internal/theirs/defects"
)

var (
	only     = flag.String("only", "", "run these only: numbers, with or without a letter, separated by commas")
	source   = flag.String("show", "", "print the program of these rows")
	also     = flag.String("also", "", "run them on this release of gocron, too")
	markdown = flag.Bool("markdown", false, "print the table and the programs as a page")
	deadline = flag.Duration("deadline", 10*time.Second, "when a program is taken to hang")
	children = flag.Int("children", 2, "processes at a time")
)

func main() {
	if child := os.Getenv(childEnv); child != "" {
		beChild(child)
	}
	flag.Parse()
	os.Exit(run())
}

func run() (status int) {
	rows, text := selected(*only), sources()
	if *source != "" {
		show(os.Stdout, selected(*source), text)
		if *only == "" {
			return 0
		}
	}
	all, err := sides()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer cleanUp(all)
	if *markdown {
		page(os.Stdout, all, rows, text)
	} else {
		table(os.Stdout, all, rows)
	}
	return failures(rows)
}

// A row is one repro with what it said on each side.
type row struct {
	name, symptom, function string
	outcomes                []outcome // one for each side
	finished                sync.WaitGroup
}

// here is the outcome on this project's scheduler, the last of the sides.
func (r *row) here() outcome { return r.outcomes[len(r.outcomes)-1] }

// selected are the rows that a list of numbers names; all for an empty one.
func selected(list string) []*row {
	var rows []*row
	for _, r := range ours.All() {
		if list == "" || named(list, r.Name) {
			rows = append(rows, &row{name: r.Name, symptom: r.Symptom, function: functionName(r.Run)})
		}
	}
	if len(rows) == 0 {
		fmt.Fprintf(os.Stderr, "no row is called %q\n", list)
		os.Exit(2)
	}
	return rows
}

func named(list, name string) bool {
	for _, n := range strings.Split(list, ",") {
		if n == name || n == strings.TrimRight(name, "abcdefgh") {
			return true
		}
	}
	return false
}

func failures(rows []*row) (status int) {
	for _, r := range rows {
		if here := r.here(); !here.ok {
			fmt.Fprintf(os.Stderr, "%s fails here: %s\n", r.name, here.verdict)
			status = 1
		}
	}
	return status
}

// beChild runs one repro and exits.
func beChild(name string) {
	side, name, _ := strings.Cut(name, " ")
	if side == ourSide {
		for _, r := range ours.All() {
			if r.Name == name {
				ours.Verdict(r.Run())
			}
		}
	}
	for _, r := range theirs.All() {
		if r.Name == name {
			theirs.Verdict(r.Run())
		}
	}
	os.Exit(2)
}
