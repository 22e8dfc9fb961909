package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A result is what one measurement says, on its standard output.
type result struct {
	Metrics map[string]float64
	Faults  faults
}

// measureAsChild makes one measurement and prints its result.
func measureAsChild(what string) {
	parts := strings.Split(what, ":")
	if len(parts) != 3 {
		panic("want workload:scheduler:scale")
	}
	w, err := workloadNamed(parts[0])
	check(err)
	impl, err := implementationNamed(parts[1])
	check(err)
	scale, err := strconv.Atoi(parts[2])
	check(err)
	check(json.NewEncoder(os.Stdout).Encode(measure(w, impl, scale)))
}

func measure(w workload, impl implementation, scale int) result {
	for slower := 1; ; slower *= 2 {
		b := &bench{impl: impl, scale: scale, slower: slower, metrics: map[string]float64{}}
		if b.inTime(w) {
			return result{b.metrics, b.faults}
		}
	}
}

// inTime runs a workload, and reports false if it was too late.
func (b *bench) inTime(w workload) (ok bool) {
	defer func() {
		switch p := recover(); p.(type) {
		case nil, tooLate:
		default:
			panic(p)
		}
	}()
	w.run(b)
	return true
}

// A cell is all that was measured of one workload on one implementation.
type cell struct {
	metrics map[string][]float64 // one value a round
	faults  faults
	limit   time.Duration // not zero: a measurement took longer than this
	failed  error
}

type cellKey struct{ workload, implementation string }

type results map[cellKey]*cell

// measureAll goes through all workloads in every round, and through the
// implementations within a workload, starting with another in each round.
func measureAll(o options) results {
	all := results{}
	chosen := matching(workloads(), o.only)
	for round := range o.rounds {
		for i, w := range chosen {
			fmt.Fprintf(os.Stderr, "\r\033[Kround %d of %d, workload %d of %d: %s",
				round+1, o.rounds, i+1, len(chosen), w.name)
			for k := range implementations {
				impl := implementations[(k+round)%len(implementations)]
				if w.takes(impl) && (impl.name == ours || o.engine.MatchString(impl.name)) {
					all.measure(w, impl, o)
				}
			}
		}
	}
	fmt.Fprint(os.Stderr, "\r\033[K")
	return all
}

// measure makes one measurement in a process of its own. What failed or took
// too long once is not tried again.
func (all results) measure(w workload, impl implementation, o options) {
	key := cellKey{w.name, impl.name}
	c := all[key]
	if c == nil {
		c = &cell{metrics: map[string][]float64{}}
		all[key] = c
	}
	if c.limit > 0 || c.failed != nil {
		return
	}
	limit := w.timeLimit()
	if o.limit > 0 {
		limit = o.limit
	}
	r, err := measureInChild(w, impl, o.scale(), limit)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		c.limit = limit
	case err != nil:
		c.failed = err
		fmt.Fprintf(os.Stderr, "\n%s on %s: %v\n", w.name, impl.name, err)
	default:
		c.faults = c.faults.plus(r.Faults)
		for metric, value := range r.Metrics {
			c.metrics[metric] = append(c.metrics[metric], value)
		}
	}
}

func measureInChild(w workload, impl implementation, scale int, limit time.Duration) (result, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	var stderr strings.Builder
	cmd := exec.CommandContext(ctx, self, "-measure", fmt.Sprintf("%s:%s:%d", w.name, impl.name, scale))
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return result{}, ctx.Err()
	}
	if err != nil {
		message, _, _ := strings.Cut(stderr.String(), "\n")
		return result{}, fmt.Errorf("%w: %s", err, message)
	}
	var r result
	return r, json.Unmarshal(out, &r)
}

// value is the median over the rounds; ok is false if there is none.
func (all results) value(workload, implementation, metric string) (float64, bool) {
	c := all[cellKey{workload, implementation}]
	if c == nil || c.limit > 0 || c.failed != nil || len(c.metrics[metric]) == 0 {
		return 0, false
	}
	return median(c.metrics[metric]), true
}

// fault is an error if one of our runs was lost, or made when it should not
// have been, or if one of our measurements failed.
func (all results) fault() error {
	var errs []error
	for key, c := range all {
		switch {
		case key.implementation != ours:
		case c.failed != nil:
			errs = append(errs, fmt.Errorf("%s: %w", key.workload, c.failed))
		case c.limit > 0:
			errs = append(errs, fmt.Errorf("%s: took longer than %s", key.workload, c.limit))
		case c.faults != faults{}:
			errs = append(errs, fmt.Errorf("%s: %+v", key.workload, c.faults))
		}
	}
	return errors.Join(errs...)
}
