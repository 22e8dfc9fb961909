package schedules_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"sort"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// randomDefinition is one of all kinds but random intervals.
func randomDefinition(r *rand.Rand, from time.Time) (definition gocron.JobDefinition, name string, mayBeInUnion bool) {
	switch r.Intn(8) {
	case 3:
		definition, name = randomUnion(r, from)
		return definition, name, false
	case 0:
		d := time.Duration(1+r.Intn(5000)) * time.Duration(1+r.Int63n(int64(time.Minute)))
		return gocron.DurationJob(d), d.String(), false
	case 1:
		var instants []time.Time
		for len(instants) == 0 || r.Intn(4) > 0 {
			instants = append(instants, from.Add(time.Duration(1+r.Intn(1e6))*time.Second))
		}
		return gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(instants...)), fmt.Sprint(instants), true
	case 2:
		d := time.Duration(1 + r.Int63n(int64(time.Hour)))
		return gocron.ScheduleJob(gocron.ScheduleFunc(func(after time.Time) time.Time { return after.Truncate(d).Add(d) })), "own " + d.String(), true
	default:
		x := randomRule(r)
		return x.definition, x.name, true
	}
}

// randomUnion is an AnyOf of what can be in one.
func randomUnion(r *rand.Rand, from time.Time) (definition gocron.JobDefinition, name string) {
	var members []gocron.JobDefinition
	for len(members) == 0 || r.Intn(3) > 0 {
		if member, about, may := randomDefinition(r, from); may {
			members, name = append(members, member), name+"; "+about
		}
	}
	return gocron.AnyOf(members...), "any of" + name
}

// randomPreviewOptions are options that have to do with when a job is due.
func randomPreviewOptions(r *rand.Rand, from time.Time) (options []gocron.JobOption, names string) {
	near := func() time.Time { return from.Add(time.Duration(r.Intn(1e6)) * time.Second) }
	for _, choice := range []struct {
		name string
		make func() gocron.JobOption
	}{
		{"policy", func() gocron.JobOption {
			return gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimePolicy(r.Intn(3)))
		}},
		{"overlap", func() gocron.JobOption {
			return gocron.WithDaylightSavingsTimeOverlap(gocron.DaylightSavingsTimeOverlap(r.Intn(3)))
		}},
		{"weeks from Monday", gocron.WithWeeksFromMonday},
		{"location", func() gocron.JobOption { return gocron.WithJobLocation(time.FixedZone("", 3600*(r.Intn(25)-12))) }},
		{"start", func() gocron.JobOption { return gocron.WithStartAt(gocron.WithStartDateTime(near().In(time.UTC))) }},
		{"past start", func() gocron.JobOption {
			return gocron.WithStartAt(gocron.WithStartDateTimePast(near().Add(-500000 * time.Second)))
		}},
		{"immediately", func() gocron.JobOption { return gocron.WithStartAt(gocron.WithStartImmediately()) }},
		{"stop", func() gocron.JobOption {
			return gocron.WithStopAt(gocron.WithStopDateTime(near().Add(20 * 24 * time.Hour)))
		}},
		{"limit", func() gocron.JobOption { return gocron.WithLimitedRuns(uint(3 + r.Intn(3))) }},
		{"jitter", func() gocron.JobOption { return gocron.WithJitter(time.Duration(1 + r.Int63n(int64(3*time.Hour)))) }},
		{"claims", func() gocron.JobOption { return gocron.WithDistributedJobLocker(gocron.ClaimerFrom(noClaims)) }},
	} {
		if r.Intn(4) == 0 {
			options, names = append(options, choice.make()), names+" "+choice.name
		}
	}
	return append(options, gocron.WithName("report")), names
}

func noClaims(context.Context, string, time.Time) (gocron.Lock, error) { return nil, errors.New("no") }

// checkPreview compares what Preview says at from, and NextRunsAfter from any time on, with
// NextRuns of a job that is added at from.
func checkPreview(t *testing.T, r *rand.Rand, from time.Time) {
	t.Helper()
	definition, name, _ := randomDefinition(r, from)
	options, optionNames := randomPreviewOptions(r, from)
	about := fmt.Sprintf("%s,%s, from %v", name, optionNames, from)
	p, err := planFrom(t, from, definition, options...)
	const n = 12
	said, previewErr := gocron.Preview(definition, from, n, options...)
	if err != nil {
		require.EqualError(t, previewErr, err.Error(), about)
		return
	}
	require.NoError(t, previewErr, about)
	_ = p.c.Wait(context.Background(), p.job.ID()) // an immediate run has ended, whoever is faster
	next, err := p.job.NextRuns(n)
	if len(said) == 0 {
		require.Empty(t, next, about)
		return // an immediate run may have been its last
	}
	if said[0].Equal(from) {
		return // so may one of a start time that is now
	}
	require.NoError(t, err)
	require.Equal(t, said, next, about)
	p.checkNextRunsAfter(r, next, about)
}

func (p *plan) checkNextRunsAfter(r *rand.Rand, next []time.Time, about string) {
	p.t.Helper()
	moments := []time.Time{{}, next[0].Add(-1), next[0]}
	for range 3 {
		at := next[r.Intn(len(next))]
		moments = append(moments, at, at.Add(-1), at.Add(1).UTC())
	}
	for _, at := range moments {
		i := sort.Search(len(next), func(i int) bool { return next[i].After(at) })
		after, err := p.c.NextRunsAfter(p.job.ID(), at, len(next)-i)
		require.NoError(p.t, err)
		require.Equal(p.t, append([]time.Time(nil), next[i:]...), after, "%s, after %v", about, at)
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
