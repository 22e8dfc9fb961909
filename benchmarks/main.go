// Command benchmarks runs the same workloads on this scheduler, on the one it
// replaces, on other schedulers and on what the runtime can do at best, and
// prints how they compare.
//
// Every measurement is made in a process of its own: the command starts itself.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime/pprof"
	"time"
)

type options struct {
	rounds int
	quick  bool
	only   *regexp.Regexp
	engine *regexp.Regexp
	limit  time.Duration
	write  bool
	docs   string
}

func main() {
	var o options
	var only, engines, child, profile string
	flag.IntVar(&o.rounds, "rounds", 5, "how often everything is measured; the table has the medians")
	flag.BoolVar(&o.quick, "quick", false, "one round of a tenth of the size, without the other schedulers: under a minute")
	flag.StringVar(&only, "only", "", "measure only the workloads whose names match this regular expression")
	flag.StringVar(&engines, "with", "", "measure only the schedulers whose names match, and ours")
	flag.DurationVar(&o.limit, "limit", 0, "how long one measurement may take, instead of its own limit")
	flag.BoolVar(&o.write, "write", false, "write BENCHMARKS.md and benchmarks.svg")
	flag.StringVar(&o.docs, "docs", "../docs", "where they are written to")
	flag.StringVar(&child, "measure", "", "make one measurement, workload:scheduler:scale, as the command has itself do")
	flag.StringVar(&profile, "profile", "", "with -measure: write a CPU profile to this file")
	flag.Parse()

	if child != "" {
		defer startProfile(profile)()
		measureAsChild(child)
		return
	}
	var err error
	if o.only, err = regexp.Compile(only); err == nil {
		o.engine, err = regexp.Compile(engines)
	}
	if err == nil {
		err = compare(o.asQuick(engines))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// startProfile returns what ends the profile.
func startProfile(name string) func() {
	if name == "" {
		return func() {}
	}
	f, err := os.Create(name)
	check(err)
	check(pprof.StartCPUProfile(f))
	return func() {
		pprof.StopCPUProfile()
		check(f.Close())
	}
}

// quickEngines are what -quick measures, unless told otherwise.
var quickEngines = regexp.MustCompile("^(" + ours + "|" + upstream + "|" + afterFn + "|" + bareHeap + ")$")

func (o options) asQuick(engines string) options {
	if !o.quick {
		return o
	}
	o.rounds = 1
	if engines == "" {
		o.engine = quickEngines
	}
	if o.limit == 0 {
		o.limit = 10 * time.Second
	}
	return o
}

func (o options) scale() int {
	if o.quick {
		return 10
	}
	return 1
}

// compare measures, prints the table and, if asked to, writes it. Faults are an
// error.
func compare(o options) error {
	began, machine := time.Now(), thisMachine()
	all := measureAll(o)
	r := report{options: o, results: all, machine: machine, took: time.Since(began)}
	fmt.Print(r.table())
	if o.write {
		if err := r.write(); err != nil {
			return err
		}
	}
	return all.fault()
}
