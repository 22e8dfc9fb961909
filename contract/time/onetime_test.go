package time_test

import (
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

func TestTimeOneTimeInstantsAreSortedAndDistinctAndFuture(t *testing.T) {
	r := rig.New(t)
	zoned := rig.Now.Add(2 * time.Hour).In(time.FixedZone("X", 3600))
	given := []time.Time{
		rig.Now.Add(3 * time.Hour), rig.Now.Add(time.Hour), rig.Now.Add(-time.Hour), {},
		rig.Now.Add(2 * time.Hour), zoned, rig.Now, rig.Now.Add(time.Hour),
	}
	before := append([]time.Time(nil), given...)
	j, log := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(given...)))
	require.Equal(t, before, given)
	require.Len(t, j.Schedule().(gocron.OneTimeJobSchedule).StartAt, 3)
	r.Start()
	want := rig.At(time.Hour, 2*time.Hour, 3*time.Hour)
	rig.RequireInstants(t, want, rig.NextsOf(t, j, 9))
	r.Walk(5 * time.Hour)
	rig.RequireInstants(t, want, log.All())
	rig.NoNextRun(t, j)
}

func TestTimeOneTimeWithNoInstantLeftIsRefused(t *testing.T) {
	r := rig.New(t)
	for name, start := range map[string]gocron.OneTimeJobStartAtOption{
		"past":    gocron.OneTimeJobStartDateTime(rig.Now.Add(-1)),
		"now":     gocron.OneTimeJobStartDateTime(rig.Now),
		"zero":    gocron.OneTimeJobStartDateTime(time.Time{}),
		"none":    gocron.OneTimeJobStartDateTimes(),
		"several": gocron.OneTimeJobStartDateTimes(rig.Now, rig.Now.Add(-time.Hour)),
	} {
		_, err := r.Scheduler.NewJob(gocron.OneTimeJob(start), gocron.NewTask(func() {}))
		require.Equal(t, gocron.ErrOneTimeJobStartDateTimePast, err, name)
	}
	require.Empty(t, r.Scheduler.Jobs())
}

func TestTimeOneTimeInstantsPassedInOneJumpAllRun(t *testing.T) {
	r := rig.New(t)
	_, log := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, time.Hour+1, time.Hour+2, time.Hour+3)...)))
	r.Start()
	r.Advance(time.Hour + time.Second)
	require.Equal(t, 4, log.Len())
}

func TestTimeOneTimeJobStaysListedWithoutANextRun(t *testing.T) {
	r := rig.New(t)
	j, log := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.Add(time.Hour))))
	immediate, ran := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()))
	r.Start()
	rig.RequireInstants(t, rig.At(0), ran.All())
	rig.NoNextRun(t, immediate)
	r.Advance(time.Hour)
	r.Advance(1000 * time.Hour)
	rig.NoNextRun(t, j)
	rig.NoNextRun(t, immediate)
	require.Len(t, r.Scheduler.Jobs(), 2)
	require.NoError(t, j.RunNow())
	r.Settle()
	require.Equal(t, 2, log.Len())
	require.NoError(t, r.Scheduler.RemoveJob(j.ID()))
	require.Len(t, r.Scheduler.Jobs(), 1)
}

func TestTimeOneTimeJobLeavesWhenLimited(t *testing.T) {
	r := rig.New(t)
	_, log := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour)...)), gocron.WithLimitedRuns(1))
	_, ran := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), gocron.WithLimitedRuns(1))
	r.Start()
	require.Len(t, r.Scheduler.Jobs(), 1)
	r.Walk(3 * time.Hour)
	rig.RequireInstants(t, rig.At(time.Hour), log.All())
	rig.RequireInstants(t, rig.At(0), ran.All())
	require.Empty(t, r.Scheduler.Jobs())
}

func TestTimeOneTimeJobLeavesWhenItsStopTimeLeavesNothing(t *testing.T) {
	r := rig.New(t)
	stop := gocron.WithStopAt(gocron.WithStopDateTime(rig.Now.Add(90 * time.Minute)))
	_, log := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour)...)), stop)
	r.Start()
	r.Advance(time.Hour)
	rig.RequireInstants(t, rig.At(time.Hour), log.All())
	require.Empty(t, r.Scheduler.Jobs())
}

// One-time jobs may have a start time as well, which is one more run; instants
// before it are not run.
func TestTimeOneTimeJobWithAStart(t *testing.T) {
	instants := gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour)...))
	for name, tt := range map[string]struct {
		option gocron.StartAtOption
		want   []time.Duration
	}{
		"before the instants": {gocron.WithStartDateTime(rig.Now.Add(20 * time.Minute)), []time.Duration{20 * time.Minute, time.Hour, 2 * time.Hour}},
		"between them":        {gocron.WithStartDateTime(rig.Now.Add(90 * time.Minute)), []time.Duration{90 * time.Minute, 2 * time.Hour}},
		"at one of them":      {gocron.WithStartDateTime(rig.Now.Add(time.Hour)), []time.Duration{time.Hour, 2 * time.Hour}},
		"after them":          {gocron.WithStartDateTime(rig.Now.Add(150 * time.Minute)), []time.Duration{150 * time.Minute}},
		"in the past":         {gocron.WithStartDateTimePast(rig.Now.Add(-time.Minute)), []time.Duration{time.Hour, 2 * time.Hour}},
		"at once":             {gocron.WithStartImmediately(), []time.Duration{0, time.Hour, 2 * time.Hour}},
		"now":                 {gocron.WithStartDateTime(rig.Now), []time.Duration{0, time.Hour, 2 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			_, log := r.Logged(instants, gocron.WithStartAt(tt.option))
			r.Start()
			r.Walk(4 * time.Hour)
			rig.RequireInstants(t, rig.At(tt.want...), log.All())
		})
	}
}

// An instant equal to the moment of Start is due: it was not handed over before.
func TestTimeOneTimeInstantAtTheMomentOfStart(t *testing.T) {
	r := rig.New(t)
	_, log := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.Add(time.Hour))))
	r.Advance(time.Hour)
	r.Start()
	r.Settle()
	require.Equal(t, 1, log.Len())
	r.Stop()
	r.Start()
	r.Settle()
	require.Equal(t, 1, log.Len())
}

func TestTimeOneTimeInstantThatPassedBeforeStartNeverRuns(t *testing.T) {
	r := rig.New(t)
	_, log := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.Add(time.Hour))))
	r.Advance(time.Hour + 1)
	r.Start()
	require.Empty(t, r.Scheduler.Jobs())
	r.Waiters(0)
	ahead, ran := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(2*time.Hour, 4*time.Hour)...)))
	r.Stop()
	r.Advance(2 * time.Hour)
	r.Start()
	require.Equal(t, rig.Now.Add(4*time.Hour), rig.NextOf(t, ahead))
	r.Advance(10 * time.Hour)
	require.Zero(t, log.Len())
	require.Equal(t, 1, ran.Len())
	require.Len(t, r.Scheduler.Jobs(), 1)
}
