//go:build go1.25

package model_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

var (
	modelSeed     = flag.Int64("model.seed", 0, "the program of the model tests to run, or to begin with; 0: the default ones")
	modelPrograms = flag.Int("model.programs", 0, "how many programs the model tests run; 0: as many as take little time")
	modelTrace    = flag.Bool("model.trace", false, "print every program before it runs")
)

const defaultModelPrograms = 200

// A modelRunner takes a scheduler through a program, in a bubble of its own. It
// returns what went wrong.
type modelRunner func(*modelProgram) string

func TestSynctestModelOnRealClock(t *testing.T) {
	testModel(t, func(p *modelProgram) string { return runModelProgram(p, false, nil) })
}

func TestSynctestModelOnFakeClock(t *testing.T) {
	testModel(t, func(p *modelProgram) string { return runModelProgram(p, true, nil) })
}

// TestSynctestModelInHaste has no model: it looks for what holds in whatever
// order things happen. A program may pass and fail in turn.
func TestSynctestModelInHaste(t *testing.T) { testModel(t, runInHaste) }

// testModel runs random programs. What they do depends on their seeds alone.
func testModel(t *testing.T, run modelRunner) {
	first, programs := int64(1), defaultModelPrograms
	if *modelSeed != 0 {
		first, programs = *modelSeed, 1
	}
	if *modelPrograms != 0 {
		programs = *modelPrograms
	}
	for seed := first; seed < first+int64(programs); seed++ {
		p := newModelProgram(seed)
		if *modelTrace {
			fmt.Println(p)
		}
		failure := runInBubble(t, p, run)
		if failure == "" {
			continue
		}
		small, smallFailure := shrink(t, p, failure, run)
		t.Fatalf("%s\n%s\n\ncut down:\n%s\n%s\n\nreplay with ./contract/model -run '^%s$' -model.seed=%d",
			p, failure, small, smallFailure, t.Name(), seed)
	}
}

// runInBubble runs a program in a bubble of its own, and returns what went wrong.
func runInBubble(t *testing.T, p *modelProgram, run modelRunner) (failure string) {
	defer func() {
		if r := recover(); r != nil {
			failure = fmt.Sprint(r)
		}
	}()
	synctest.Test(t, func(*testing.T) { failure = run(p) })
	return failure
}

// shrink leaves out steps as long as the program still fails.
func shrink(t *testing.T, p *modelProgram, failure string, run modelRunner) (*modelProgram, string) {
	for i := len(p.steps) - 1; i >= 0; i-- {
		smaller := *p
		smaller.steps = slices.Delete(slices.Clone(p.steps), i, i+1)
		if f := runInBubble(t, &smaller, run); f != "" {
			p, failure = &smaller, f
			i = min(i, len(p.steps))
		}
	}
	return p, failure
}

// A program with a random job can be replayed: it draws the same times again.
func TestSynctestModelRandomJobsDrawTheSameAgain(t *testing.T) {
	draw := func() (times []time.Time) {
		synctest.Test(t, func(t *testing.T) {
			s := newScheduler(t)
			s.Start()
			seedRandomJobs(1)
			times, _ = mustJob(t, s, gocron.DurationRandomJob(time.Hour, 2*time.Hour), func() {}).NextRuns(10)
		})
		return times
	}
	first := draw()
	require.Len(t, first, 10)
	require.Equal(t, first, draw())
}
