package gocron

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"sort"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// randomDefinition is one of all kinds but random intervals.
func randomDefinition(r *rand.Rand, from time.Time) (definition JobDefinition, name string) {
	switch r.Intn(8) {
	case 3:
		return randomUnion(r, from)
	case 0:
		d := time.Duration(1+r.Intn(5000)) * time.Duration(1+r.Int63n(int64(time.Minute)))
		return DurationJob(d), d.String()
	case 1:
		var instants []time.Time
		for len(instants) == 0 || r.Intn(4) > 0 {
			instants = append(instants, from.Add(time.Duration(1+r.Intn(1e6))*time.Second))
		}
		return OneTimeJob(OneTimeJobStartDateTimes(instants...)), fmt.Sprint(instants)
	case 2:
		d := time.Duration(1 + r.Int63n(int64(time.Hour)))
		return ScheduleJob(ScheduleFunc(func(after time.Time) time.Time { return after.Truncate(d).Add(d) })), "own " + d.String()
	default:
		x := randomRule(r)
		return x.definition, x.name
	}
}

// randomUnion is an AnyOf of what can be in one.
func randomUnion(r *rand.Rand, from time.Time) (definition JobDefinition, name string) {
	var members []JobDefinition
	for len(members) == 0 || r.Intn(3) > 0 {
		member, about := randomDefinition(r, from)
		switch member.(type) {
		case *durationSchedule, *anyOfDefinition:
			continue
		}
		members, name = append(members, member), name+"; "+about
	}
	return AnyOf(members...), "any of" + name
}

// randomPreviewOptions are options that have to do with when a job is due.
func randomPreviewOptions(r *rand.Rand, from time.Time) (options []JobOption, names string) {
	near := func() time.Time { return from.Add(time.Duration(r.Intn(1e6)) * time.Second) }
	for _, choice := range []struct {
		name string
		make func() JobOption
	}{
		{"policy", func() JobOption { return WithDaylightSavingsTimePolicy(DaylightSavingsTimePolicy(r.Intn(3))) }},
		{"overlap", func() JobOption { return WithDaylightSavingsTimeOverlap(DaylightSavingsTimeOverlap(r.Intn(3))) }},
		{"weeks from Monday", WithWeeksFromMonday},
		{"location", func() JobOption { return WithJobLocation(time.FixedZone("", 3600*(r.Intn(25)-12))) }},
		{"start", func() JobOption { return WithStartAt(WithStartDateTime(near().In(time.UTC))) }},
		{"past start", func() JobOption { return WithStartAt(WithStartDateTimePast(near().Add(-500000 * time.Second))) }},
		{"immediately", func() JobOption { return WithStartAt(WithStartImmediately()) }},
		{"stop", func() JobOption { return WithStopAt(WithStopDateTime(near().Add(20 * 24 * time.Hour))) }},
		{"limit", func() JobOption { return WithLimitedRuns(uint(3 + r.Intn(3))) }},
		{"jitter", func() JobOption { return WithJitter(time.Duration(1 + r.Int63n(int64(3*time.Hour)))) }},
		{"claims", func() JobOption { return WithDistributedJobLocker(ClaimerFrom(noClaims)) }},
	} {
		if r.Intn(4) == 0 {
			options, names = append(options, choice.make()), names+" "+choice.name
		}
	}
	return append(options, WithName("report")), names
}

func noClaims(context.Context, string, time.Time) (Lock, error) { return nil, errors.New("no") }

// checkPreview compares what Preview says at from, and NextRunsAfter from any time on, with
// NextRuns of a job that is added at from.
func checkPreview(t *testing.T, r *rand.Rand, from time.Time) {
	t.Helper()
	definition, name := randomDefinition(r, from)
	options, optionNames := randomPreviewOptions(r, from)
	about := fmt.Sprintf("%s,%s, from %v", name, optionNames, from)
	s := newScheduler(t, WithClock(clockwork.NewFakeClockAt(from)), WithLocation(from.Location()))
	s.Start() // before NewJob, which then asks a Schedule itself
	j, err := s.NewJob(definition, NewTask(noop), options...)
	const n = 12
	said, previewErr := Preview(definition, from, n, options...)
	if err != nil {
		require.EqualError(t, previewErr, err.Error(), about)
		return
	}
	require.NoError(t, previewErr, about)
	_ = NewController(s).Wait(context.Background(), j.ID()) // an immediate run has ended, whoever is faster
	next, err := j.NextRuns(n)
	if len(said) == 0 {
		require.Empty(t, next, about)
		return // an immediate run may have been its last
	}
	if said[0].Equal(from) {
		return // so may one of a start time that is now
	}
	require.NoError(t, err)
	require.Equal(t, said, next, about)
	checkNextRunsAfter(t, s, j, r, next, about)
}

func checkNextRunsAfter(t *testing.T, s Scheduler, j Job, r *rand.Rand, next []time.Time, about string) {
	t.Helper()
	c := NewController(s)
	moments := []time.Time{{}, next[0].Add(-1), next[0]}
	for range 3 {
		at := next[r.Intn(len(next))]
		moments = append(moments, at, at.Add(-1), at.Add(1).UTC())
	}
	for _, at := range moments {
		i := sort.Search(len(next), func(i int) bool { return next[i].After(at) })
		after, err := c.NextRunsAfter(j.ID(), at, len(next)-i)
		require.NoError(t, err)
		require.Equal(t, append([]time.Time(nil), next[i:]...), after, "%s, after %v", about, at)
	}
}

func TestPreviewAndNextRunsAfterAgreeWithNextRuns(t *testing.T) {
	seeds := int64(4000)
	if testing.Short() {
		seeds = 400
	}
	for seed := range seeds {
		r := rand.New(rand.NewSource(seed))
		zone := fuzzZones[r.Intn(len(fuzzZones))]
		from := time.Date(2005+r.Intn(30), time.Month(1+r.Intn(12)), 1+r.Intn(28), r.Intn(24), r.Intn(60), r.Intn(60), r.Intn(2)*5e8, zoneOf(t, zone))
		checkPreview(t, r, from)
	}
}

func FuzzPreview(f *testing.F) {
	for seed := range int64(20) {
		f.Add(seed, int64(1772000000+seed*86400*17), seed*1e8, uint8(seed))
	}
	f.Fuzz(func(t *testing.T, seed, seconds, nanos int64, zone uint8) {
		checkPreview(t, rand.New(rand.NewSource(seed)), fuzzTime(seconds, nanos, zone))
	})
}
