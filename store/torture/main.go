// Torture kills a program (-9) that runs jobs under a store, at random moments and again and again,
// and afterwards accounts for every occurrence that was due: from the definitions of the jobs, which
// say what was due; from the store's rows, which say what happened to it; and from a file that the
// tasks write to themselves, which says what was really called.
//
//	go run . -kills 1000
//
// All policies run side by side in one program, so that each is killed as often. It prints the
// account, and exits with status 1 if an occurrence is unaccounted for, or was called twice.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	if serveChild() {
		return
	}
	t := torture{out: os.Stdout}
	flag.IntVar(&t.kills, "kills", 1000, "how often the program is killed")
	flag.DurationVar(&t.life, "life", 500*time.Millisecond, "how long it lives at most")
	flag.Int64Var(&t.seed, "seed", time.Now().UnixNano(), "of the random moments")
	flag.StringVar(&t.folder, "dir", "", "where the files are kept; a temporary folder if empty, which is removed when all is well")
	flag.IntVar(&t.busy, "busy", 0, "how many loops run beside it, so that all is late")
	flag.StringVar(&t.clock, "clock", keeps, "how the clock of the program is moved: sleeps, or steps; needs the overlay of scripts/walltime")
	account := flag.Bool("account", false, "only make up the account of the files in -dir")
	flag.Parse()
	run := t.run
	if *account {
		run = t.again
	}
	ok, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}
