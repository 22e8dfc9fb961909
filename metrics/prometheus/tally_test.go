package prom

import (
	"context"
	"slices"
	"testing"
	"time"
)

func TestCountsAreInOrder(t *testing.T) {
	c := &counts{}
	for _, outcome := range []string{"skipped-limit", "cancelled", "zz", "failed", "paused"} {
		c.add(outcome, 1)
	}
	var outcomes []string
	c.each(func(outcome string, _ uint64) { outcomes = append(outcomes, outcome) })
	want := []string{"cancelled", "failed", "interrupted", "missed", "panicked", "paused", "skipped-limit", "succeeded", "timed-out", "zz"}
	if !slices.Equal(outcomes, want) {
		t.Fatal(outcomes)
	}
}

// Counts stay for some minutes after the job was there last, however long it was.
func TestCountsStayForAWhile(t *testing.T) {
	c := &fakeController{jobs: []JobFacts{{Name: "a"}}}
	tally := &tally{forgotten: func(string) {}}
	if err := newTally(context.Background(), c, tally); err != nil {
		t.Fatal(err)
	}
	names := func() int {
		g, err := tally.gather(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return len(g.jobs)
	}
	long := -int64(keepGone) - int64(time.Minute)
	tally.of("a").lastSeen.Add(long)
	if n := names(); n != 1 {
		t.Fatalf("%d names while the job is there", n)
	}
	c.jobs = nil
	if n := names(); n != 1 {
		t.Fatalf("%d names when it has just left", n)
	}
	tally.of("a").lastSeen.Add(long)
	if n := names(); n != 0 {
		t.Fatalf("%d names when it left long ago", n)
	}
}

// A clock that was set back in a run makes no negative times.
func TestSecondsAreNotNegative(t *testing.T) {
	if s := seconds(now, now.Add(-time.Second)); s != 0 {
		t.Fatal(s)
	}
}
