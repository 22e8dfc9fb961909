package prom

import (
	"context"
	"slices"
	"strings"
	"sync"
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

// Names come by jobs and by runs, in any order, and are shown in theirs.
func TestNamesAreInOrder(t *testing.T) {
	c := &fakeController{jobs: []JobFacts{{Name: "d"}, {Name: "b"}}}
	nothing := func(string, string, float64) {}
	tally := &tally{started: nothing, finished: nothing, forgotten: func(string) {}}
	if err := newTally(context.Background(), c, tally); err != nil {
		t.Fatal(err)
	}
	if err := watch(context.Background(), c, tally); err != nil {
		t.Fatal(err)
	}
	want := func(names ...string) {
		t.Helper()
		for range 2 { // the second time the order is that of the first
			g, err := tally.gather(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, j := range g.jobs {
				got = append(got, j.name)
				has := slices.ContainsFunc(c.jobs, func(job JobFacts) bool { return job.Name == j.name })
				if j.there != has || has != (len(j.infos) == 1 && j.infos[0].kind == "kind of "+j.name) {
					t.Errorf("%s: there: %v, %v", j.name, j.there, j.infos)
				}
			}
			if !slices.Equal(got, names) {
				t.Errorf("%q, want %q", got, names)
			}
		}
	}
	name := func(names ...string) {
		c.jobs = nil
		for _, name := range names {
			c.jobs = append(c.jobs, JobFacts{Name: name, Kind: "kind of " + name})
		}
	}
	name("d", "b")
	want("b", "d")
	name("e", "d", "a", "b")
	want("a", "b", "d", "e")
	c.ends("c", "succeeded", 0)
	name("f", "b", "e", "e")
	want("a", "b", "c", "d", "e", "f")
	tally.of("d").lastSeen.Add(-int64(keepGone) - int64(time.Minute))
	want("a", "b", "c", "e", "f")
	name("d", "b")
	want("a", "b", "c", "d", "e", "f")
}

// Scrapes may be made at once, beside runs.
func TestGatheringsAtOnce(t *testing.T) {
	c := &fakeController{}
	for i := range 100 {
		c.jobs = append(c.jobs, JobFacts{Name: string(rune('a' + i%26))})
	}
	nothing := func(string, string, float64) {}
	tally := &tally{started: nothing, finished: nothing, forgotten: func(string) {}}
	if err := newTally(context.Background(), c, tally); err != nil {
		t.Fatal(err)
	}
	if err := watch(context.Background(), c, tally); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 4 {
		all.Add(2)
		go func() {
			defer all.Done()
			for range 50 {
				if g, err := tally.gather(context.Background()); err != nil || !slices.IsSortedFunc(g.jobs, func(a, b jobsOfName) int { return strings.Compare(a.name, b.name) }) {
					t.Errorf("not in order: %v", err)
				}
			}
		}()
		go func() {
			defer all.Done()
			for k := range 50 {
				c.ends(strings.Repeat("z", i*50+k), "succeeded", 0)
			}
		}()
	}
	all.Wait()
}
