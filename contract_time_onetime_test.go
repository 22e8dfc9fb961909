package gocron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimeOneTimeInstantsAreSortedAndDistinctAndFuture(t *testing.T) {
	r := newRig(t)
	zoned := rigNow.Add(2 * time.Hour).In(time.FixedZone("X", 3600))
	given := []time.Time{
		rigNow.Add(3 * time.Hour), rigNow.Add(time.Hour), rigNow.Add(-time.Hour), {},
		rigNow.Add(2 * time.Hour), zoned, rigNow, rigNow.Add(time.Hour),
	}
	before := append([]time.Time(nil), given...)
	j, log := r.logged(OneTimeJob(OneTimeJobStartDateTimes(given...)))
	require.Equal(t, before, given)
	require.Len(t, j.Schedule().(OneTimeJobSchedule).StartAt, 3)
	r.start()
	want := rigAt(time.Hour, 2*time.Hour, 3*time.Hour)
	requireInstants(t, want, nextsOf(t, j, 9))
	r.walk(5 * time.Hour)
	requireInstants(t, want, log.all())
	noNextRun(t, j)
}

func TestTimeOneTimeWithNoInstantLeftIsRefused(t *testing.T) {
	r := newRig(t)
	for name, start := range map[string]OneTimeJobStartAtOption{
		"past":    OneTimeJobStartDateTime(rigNow.Add(-1)),
		"now":     OneTimeJobStartDateTime(rigNow),
		"zero":    OneTimeJobStartDateTime(time.Time{}),
		"none":    OneTimeJobStartDateTimes(),
		"several": OneTimeJobStartDateTimes(rigNow, rigNow.Add(-time.Hour)),
	} {
		_, err := r.s.NewJob(OneTimeJob(start), NewTask(func() {}))
		require.Equal(t, ErrOneTimeJobStartDateTimePast, err, name)
	}
	require.Empty(t, r.s.Jobs())
}

func TestTimeOneTimeInstantsPassedInOneJumpAllRun(t *testing.T) {
	r := newRig(t)
	_, log := r.logged(OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, time.Hour+1, time.Hour+2, time.Hour+3)...)))
	r.start()
	r.advance(time.Hour + time.Second)
	require.Equal(t, 4, log.len())
}

func TestTimeOneTimeJobStaysListedWithoutANextRun(t *testing.T) {
	r := newRig(t)
	j, log := r.logged(OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(time.Hour))))
	immediate, ran := r.logged(OneTimeJob(OneTimeJobStartImmediately()))
	r.start()
	requireInstants(t, rigAt(0), ran.all())
	noNextRun(t, immediate)
	r.advance(time.Hour)
	r.advance(1000 * time.Hour)
	noNextRun(t, j)
	noNextRun(t, immediate)
	require.Len(t, r.s.Jobs(), 2)
	require.NoError(t, j.RunNow())
	r.settle()
	require.Equal(t, 2, log.len())
	require.NoError(t, r.s.RemoveJob(j.ID()))
	require.Len(t, r.s.Jobs(), 1)
}

func TestTimeOneTimeJobLeavesWhenLimited(t *testing.T) {
	r := newRig(t)
	_, log := r.logged(OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour)...)), WithLimitedRuns(1))
	_, ran := r.logged(OneTimeJob(OneTimeJobStartImmediately()), WithLimitedRuns(1))
	r.start()
	require.Len(t, r.s.Jobs(), 1)
	r.walk(3 * time.Hour)
	requireInstants(t, rigAt(time.Hour), log.all())
	requireInstants(t, rigAt(0), ran.all())
	require.Empty(t, r.s.Jobs())
}

func TestTimeOneTimeJobLeavesWhenItsStopTimeLeavesNothing(t *testing.T) {
	r := newRig(t)
	stop := WithStopAt(WithStopDateTime(rigNow.Add(90 * time.Minute)))
	_, log := r.logged(OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour)...)), stop)
	r.start()
	r.advance(time.Hour)
	requireInstants(t, rigAt(time.Hour), log.all())
	require.Empty(t, r.s.Jobs())
}

// One-time jobs may have a start time as well, which is one more run; instants
// before it are not run.
func TestTimeOneTimeJobWithAStart(t *testing.T) {
	instants := OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour)...))
	for name, tt := range map[string]struct {
		option StartAtOption
		want   []time.Duration
	}{
		"before the instants": {WithStartDateTime(rigNow.Add(20 * time.Minute)), []time.Duration{20 * time.Minute, time.Hour, 2 * time.Hour}},
		"between them":        {WithStartDateTime(rigNow.Add(90 * time.Minute)), []time.Duration{90 * time.Minute, 2 * time.Hour}},
		"at one of them":      {WithStartDateTime(rigNow.Add(time.Hour)), []time.Duration{time.Hour, 2 * time.Hour}},
		"after them":          {WithStartDateTime(rigNow.Add(150 * time.Minute)), []time.Duration{150 * time.Minute}},
		"in the past":         {WithStartDateTimePast(rigNow.Add(-time.Minute)), []time.Duration{time.Hour, 2 * time.Hour}},
		"at once":             {WithStartImmediately(), []time.Duration{0, time.Hour, 2 * time.Hour}},
		"now":                 {WithStartDateTime(rigNow), []time.Duration{0, time.Hour, 2 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			_, log := r.logged(instants, WithStartAt(tt.option))
			r.start()
			r.walk(4 * time.Hour)
			requireInstants(t, rigAt(tt.want...), log.all())
		})
	}
}

// An instant equal to the moment of Start is due: it was not handed over before.
func TestTimeOneTimeInstantAtTheMomentOfStart(t *testing.T) {
	r := newRig(t)
	_, log := r.logged(OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(time.Hour))))
	r.advance(time.Hour)
	r.start()
	r.settle()
	require.Equal(t, 1, log.len())
	r.stop()
	r.start()
	r.settle()
	require.Equal(t, 1, log.len())
}

func TestTimeOneTimeInstantThatPassedBeforeStartNeverRuns(t *testing.T) {
	r := newRig(t)
	_, log := r.logged(OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(time.Hour))))
	r.advance(time.Hour + 1)
	r.start()
	require.Empty(t, r.s.Jobs())
	r.waiters(0)
	ahead, ran := r.logged(OneTimeJob(OneTimeJobStartDateTimes(rigAt(2*time.Hour, 4*time.Hour)...)))
	r.stop()
	r.advance(2 * time.Hour)
	r.start()
	require.Equal(t, rigNow.Add(4*time.Hour), nextOf(t, ahead))
	r.advance(10 * time.Hour)
	require.Zero(t, log.len())
	require.Equal(t, 1, ran.len())
	require.Len(t, r.s.Jobs(), 1)
}
