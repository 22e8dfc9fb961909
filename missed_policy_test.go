package gocron

import (
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// missedAt are times so many seconds after the epoch.
func missedAt(seconds ...int) (times []time.Time) {
	for _, s := range seconds {
		times = append(times, time.Unix(int64(s), 0).UTC())
	}
	return times
}

// firstAfterOf is the function after of a missedView over the times.
func firstAfterOf(times []time.Time) func(time.Time) time.Time {
	return func(t time.Time) time.Time {
		for _, at := range times {
			if at.After(t) {
				return at
			}
		}
		return time.Time{}
	}
}

func TestDecideMissed(t *testing.T) {
	all := missedAt(10, 20, 30, 40, 50, 60)
	none := func(time.Time) bool { return false }
	has := func(seconds ...int) func(time.Time) bool {
		return func(at time.Time) bool { return slices.Contains(missedAt(seconds...), at) }
	}
	r := func(first, last, count int) missedRange {
		return missedRange{missedAt(first)[0], missedAt(last)[0], count}
	}
	for name, c := range map[string]struct {
		policy missedPolicy
		has    func(time.Time) bool
		paused time.Time
		want   missedDecision
	}{
		"nothing is run":   {missedPolicy{MissedSkip, 0, 1}, none, time.Time{}, missedDecision{missed: []missedRange{r(10, 50, 5)}}},
		"the newest":       {missedPolicy{MissedRunOnce, 0, 1}, none, time.Time{}, missedDecision{missed: []missedRange{r(10, 40, 4)}, run: missedAt(50)}},
		"all":              {missedPolicy{MissedRunAll, 0, 100}, none, time.Time{}, missedDecision{run: missedAt(10, 20, 30, 40, 50)}},
		"the newest two":   {missedPolicy{MissedRunAll, 0, 2}, none, time.Time{}, missedDecision{missed: []missedRange{r(10, 30, 3)}, run: missedAt(40, 50)}},
		"of use":           {missedPolicy{MissedRunAll, 20 * time.Second, 100}, none, time.Time{}, missedDecision{missed: []missedRange{r(10, 30, 3)}, run: missedAt(40, 50)}},
		"of use, just":     {missedPolicy{MissedRunAll, 25 * time.Second, 100}, none, time.Time{}, missedDecision{missed: []missedRange{r(10, 20, 2)}, run: missedAt(30, 40, 50)}},
		"too late":         {missedPolicy{MissedRunOnce, time.Second, 1}, none, time.Time{}, missedDecision{missed: []missedRange{r(10, 50, 5)}}},
		"some are settled": {missedPolicy{MissedSkip, 0, 1}, has(20, 50), time.Time{}, missedDecision{missed: []missedRange{r(10, 10, 1), r(30, 40, 2)}}},
		"others between":   {missedPolicy{MissedRunAll, 0, 1}, has(20, 40), time.Time{}, missedDecision{missed: []missedRange{r(10, 10, 1), r(30, 30, 1)}, run: missedAt(50)}},
		"paused":           {missedPolicy{MissedRunAll, 0, 100}, none, missedAt(30)[0], missedDecision{run: missedAt(10, 20), paused: []missedRange{r(30, 50, 3)}}},
	} {
		t.Run(name, func(t *testing.T) {
			d := decideMissed(missedView{first: all[0], after: firstAfterOf(all), now: missedAt(55)[0], has: c.has, policy: c.policy, paused: c.paused})
			require.Equal(t, c.want, d)
		})
	}
}

// Whatever is decided, each occurrence is in one place, and the newest are run.
func TestDecideMissedAgreesWithCounting(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for range 500 {
		var seconds []int
		for s := 0; s < 300; s += 1 + random.Intn(20) {
			seconds = append(seconds, s)
		}
		all := missedAt(seconds...)
		v := missedView{first: all[0], after: firstAfterOf(all), now: missedAt(100 + random.Intn(250))[0],
			policy: missedPolicy{MissedPolicy(random.Intn(3)), time.Duration(random.Intn(200)) * time.Second, 1}}
		if v.policy.kind == MissedRunAll {
			v.policy.most = 1 + random.Intn(10)
		}
		settled := make(map[time.Time]bool)
		for _, at := range all {
			settled[at] = random.Intn(5) == 0
		}
		v.has = func(at time.Time) bool { return settled[at] }
		d := decideMissed(v)
		due := slices.DeleteFunc(slices.Clone(all), func(at time.Time) bool { return at.After(v.now) || settled[at] })
		counted := len(d.run)
		for _, m := range d.missed {
			counted += m.count
			require.False(t, len(d.run) > 0 && !m.last.Before(d.run[0]))
			inside := slices.DeleteFunc(slices.Clone(all), func(at time.Time) bool { return at.Before(m.first) || at.After(m.last) })
			require.Len(t, inside, m.count, "none of them has an outcome of its own")
		}
		require.Equal(t, len(due), counted)
		require.Equal(t, due[len(due)-len(d.run):], append([]time.Time{}, d.run...))
		require.LessOrEqual(t, len(d.run), v.policy.most)
	}
}

// Of a great many occurrences the newest are found and the count is an estimate.
func TestDecideMissedOfAGreatMany(t *testing.T) {
	plan, start := &durationSchedule{duration: time.Second}, missedAt(0)[0]
	years := 10 * 365 * 24 * time.Hour
	d := decideMissed(missedView{first: start.Add(time.Second), after: func(t time.Time) time.Time { return plan.next(start, t) },
		now: start.Add(years), has: func(time.Time) bool { return false }, policy: missedPolicy{MissedRunAll, 0, 3}})
	require.Equal(t, []time.Time{start.Add(years - 2*time.Second), start.Add(years - time.Second), start.Add(years)}, d.run)
	require.Len(t, d.missed, 1)
	require.InDelta(t, int(years/time.Second), d.missed[0].count, 10_000)
	require.Equal(t, start.Add(time.Second), d.missed[0].first)
	require.Equal(t, d.run[0].Add(-time.Second), d.missed[0].last)
}

func TestLedgerMark(t *testing.T) {
	at := func(s int) time.Time { return missedAt(s)[0] }
	l := &ledger{reached: at(0)}
	require.Equal(t, at(0), l.mark())
	l.dispatched(at(10))
	l.dispatched(at(20))
	l.dispatched(at(30))
	require.Equal(t, at(10).Add(-1), l.mark(), "nothing at or before the mark is unsettled")
	l.settle(at(20))
	require.Equal(t, at(10).Add(-1), l.mark())
	require.True(t, l.has(at(20)))
	require.True(t, l.has(at(30)), "it is on its way")
	require.False(t, l.has(at(25)))
	l.settle(at(10))
	require.Equal(t, at(30).Add(-1), l.mark())
	require.Empty(t, l.settled, "what the mark has passed is forgotten")
	l.lose(at(30))
	require.Equal(t, at(30).Add(-1), l.mark(), "it is still to be run")
	require.False(t, l.has(at(30)))
	l.miss(at(40), at(40))
	require.Equal(t, at(30), l.gap)
	l.pass(at(30), at(40))
	l.decided(at(45), time.Time{})
	require.Equal(t, at(45), l.mark())
	require.Empty(t, l.passed)
}
