package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// Status says how a case ended.
type Status int

const (
	// NotRun: the engine lacks what the case needs.
	NotRun Status = iota
	// Passed: the engine did what the case expects.
	Passed
	// Failed: it did not; Result.Err says in what.
	Failed
)

// A Result says how one case ended.
type Result struct {
	Engine, Case string
	Status       Status
	Figures      Figures
	Err          error
	Took         time.Duration
}

// atOnce is how many cases are played at once. They wait most of the time, but each has
// several processes.
const atOnce = 8

// A testCase is a way to treat an engine, and what is to come of it.
type testCase struct {
	name  string
	needs func(Engine) bool // nil: nothing special
	alone bool              // others would notice
	play  func(*stage) error
}

// Cases lists the names of all cases, in the order of the table.
func Cases() []string {
	var names []string
	for _, c := range cases {
		names = append(names, c.name)
	}
	return names
}

// Run puts the engine to the test, with a subtest for each case. It takes about a minute,
// with Engine.Herds three; cases that do not disturb each other are run at once. A case
// that needs what the engine lacks is skipped. TestMain must call ServeNode.
func Run(t *testing.T, e Engine) []Result {
	t.Helper()
	results, err := Measure(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		t.Run(r.Case, func(t *testing.T) {
			switch r.Status {
			case Failed:
				t.Errorf("%v\n%v", r.Figures, r.Err)
			case NotRun:
				t.Skipf("%s lacks what it needs", e.Name)
			default:
				t.Logf("%v (%v)", r.Figures, r.Took.Round(time.Millisecond))
			}
		})
	}
	return results
}

// Measure does what Run does, for the cases that are named, or all, and fails no test. It
// returns an error if the engine or a name is not valid.
func Measure(ctx context.Context, e Engine, names ...string) ([]Result, error) {
	if _, is := os.LookupEnv(nodeVariable); is {
		return nil, errors.New("conformance: TestMain must call ServeNode")
	}
	if e.Name == "" || e.Addr == "" || e.NewNode == nil {
		return nil, errors.New("conformance: an Engine needs Name, Addr and NewNode")
	}
	chosen, err := choose(names)
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(chosen))
	slots := make(chan struct{}, atOnce)
	var together sync.WaitGroup
	for i, c := range chosen {
		if !c.alone {
			together.Add(1)
			go func() {
				defer together.Done()
				slots <- struct{}{}
				defer func() { <-slots }()
				results[i] = c.run(ctx, e)
			}()
		}
	}
	together.Wait()
	for i, c := range chosen {
		if c.alone {
			results[i] = c.run(ctx, e)
		}
	}
	return results, nil
}

func choose(names []string) ([]testCase, error) {
	if len(names) == 0 {
		return cases, nil
	}
	var chosen []testCase
	for _, name := range names {
		n := len(chosen)
		for _, c := range cases {
			if c.name == name {
				chosen = append(chosen, c)
			}
		}
		if len(chosen) == n {
			return nil, fmt.Errorf("conformance: there is no case %q", name)
		}
	}
	return chosen, nil
}

func (c testCase) run(ctx context.Context, e Engine) Result {
	r := Result{Engine: e.Name, Case: c.name}
	if c.needs != nil && !c.needs(e) {
		return r
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	begun := time.Now()
	s := newStage(ctx, e)
	defer s.close()
	err := c.play(s)
	r.Figures, r.Took, r.Status = s.figures, time.Since(begun), Passed
	if r.Err = errors.Join(err, s.result()); r.Err != nil {
		r.Status, r.Err = Failed, errors.Join(r.Err, story(s.all()))
	}
	return r
}

func hasRunLock(e Engine) bool      { return e.RunLock }
func hasElector(e Engine) bool      { return e.Elector }
func hasOwnClock(e Engine) bool     { return e.OwnClock }
func canBeStopped(e Engine) bool    { return e.Stop != nil && e.Start != nil }
func canBeStoppedLed(e Engine) bool { return e.Elector && canBeStopped(e) }
func bearsHerds(e Engine) bool      { return e.Herds }
func bearsRestarts(e Engine) bool   { return e.Herds && canBeStopped(e) }
func hasBefore(e Engine) bool       { return e.Before != "" }
func hasBeforeLocked(e Engine) bool { return e.Before != "" && e.RunLock }
func canBeCounted(e Engine) bool    { return e.Leftovers != nil }
