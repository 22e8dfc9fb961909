package main

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gocron-fixed/gocron/v2"
)

func TestOccurrences(t *testing.T) {
	for _, test := range []struct {
		from, until, every time.Duration // the first two since noon
		want               []time.Duration
	}{
		{0, 3 * time.Second, time.Second, []time.Duration{0, time.Second, 2 * time.Second}},
		{1, 2*time.Second + 1, time.Second, []time.Duration{time.Second, 2 * time.Second}},
		{1, time.Second, time.Second, nil},
		{time.Second, 0, time.Second, nil},
	} {
		w := window{noon.Add(test.from), noon.Add(test.until)}
		var got []time.Duration
		for _, o := range w.occurrences(job{every: test.every}) {
			got = append(got, o.time().Sub(noon))
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}

type noLock struct{}

func (noLock) Unlock(context.Context) error { return nil }

// What is counted on must be what the schedulers do.
func TestOccurrencesAreThoseOfTheSchedules(t *testing.T) {
	start := noon.Add(1234567 * time.Microsecond)
	claimer := gocron.ClaimerFrom(func(context.Context, string, time.Time) (noLock, error) { return noLock{}, nil })
	s, err := gocron.NewScheduler(gocron.WithClock(clockwork.NewFakeClockAt(start)), gocron.WithDistributedLocker(claimer))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Shutdown()
	for _, j := range jobsWith(true) {
		made, err := s.NewJob(j.definition(), gocron.NewTask(func() {}), gocron.WithName(j.name))
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		runs, err := made.NextRuns(10)
		if err != nil {
			t.Fatal(err)
		}
		var want []occurrence
		for _, at := range runs {
			want = append(want, occurrence{j.name, at.UnixNano()})
		}
		got := window{start, runs[len(runs)-1].Add(1)}.occurrences(j)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", j.name, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	w := window{noon, noon.Add(5 * time.Second)}
	for name, test := range map[string]struct {
		events func(*ledger)
		want   figures
	}{
		"nothing": {func(*ledger) {}, figures{5, 0, 0, 5}},
		"all once": {func(l *ledger) {
			for i := range 5 {
				l.run("ab"[i%2:i%2+1], float64(i))
				l.refuse("c", float64(i))
			}
		}, figures{5, 5, 0, 0}},
		"twice, elsewhere": {func(l *ledger) { l.run("a", 1); l.run("b", 1) }, figures{5, 2, 1, 4}},
		"twice, here":      {func(l *ledger) { l.run("a", 1); l.run("a", 1) }, figures{5, 2, 1, 4}},
		"at no occurrence": {func(l *ledger) { l.run("a", 1); l.run("b", 1.5) }, figures{5, 2, 1, 4}},
		"three of one, none of another": {func(l *ledger) {
			for _, node := range []string{"a", "b", "c"} {
				l.run(node, 0)
				l.run(node, 4)
			}
		}, figures{5, 6, 4, 3}},
		"outside":     {func(l *ledger) { l.run("a", -1); l.run("a", 5) }, figures{5, 0, 0, 5}},
		"only begun":  {func(l *ledger) { l.add(due(runBegan, "a", 0, gocron.OutcomePending), noon) }, figures{5, 1, 0, 4}},
		"all refused": {func(l *ledger) { l.refuse("a", 0); l.refuse("b", 0) }, figures{5, 0, 0, 5}},
	} {
		l := ledgerOf(second, "a", "b", "c")
		test.events(l)
		if got := l.total(w); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}

func TestReportExplains(t *testing.T) {
	l := ledgerOf(second, "a", "b", "c")
	w := window{noon, noon.Add(3 * time.Second)}
	l.add(due(runBegan, "a", 0, gocron.OutcomePending), noon)
	l.refuse("b", 0)
	l.refuse("a", 1)
	l.refuse("c", 1)
	got := l.report(w)
	for _, want := range []string{
		"tick  1s         claims     3            1     0           2\n",
		"all                         3            1     0           2\n",
		"\nmissed: tick of " + noon.Add(time.Second).Local().Format(clockFormat) + " (locked-elsewhere on a and c)\n",
		"\nmissed: tick of " + noon.Add(2*time.Second).Local().Format(clockFormat) + " (no node has said anything of it)\n",
		"\nbegun and cut short: tick of " + noon.Local().Format(clockFormat) + " (no end told on a, locked-elsewhere on b)\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestTableCountsPerNode(t *testing.T) {
	l := ledgerOf(second, "a", "b")
	l.run("a", 0)
	l.run("a", 1)
	l.run("b", 2)
	l.refuse("b", 0)
	l.run("b", 9)
	var got []string
	for line := range strings.Lines(l.table(window{noon, noon.Add(3 * time.Second)})) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	at := noon.Format(clockFormat)
	want := []string{
		"node clock state tick last run", "a +0 ms ready 2 " + at + " tick", "b +0 ms ready 1 " + at + " tick", "all 3",
		"outcomes on all nodes: 3 succeeded, 1 locked-elsewhere",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}
