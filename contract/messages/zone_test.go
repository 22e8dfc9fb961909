package messages_test

import (
	"context"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// Jobs that are claimed by the machine's own time zone are other jobs on a node in another zone.
// The logger is told so once, and not when a zone was given, or when all nodes are in UTC.
func TestClaimsByTheLocalZoneAreWarnedOf(t *testing.T) {
	defer func(local *time.Location) { time.Local = local }(time.Local)
	zoneOf := func(name string) *time.Location {
		zone, err := time.LoadLocation(name)
		require.NoError(t, err)
		return zone
	}
	zone := zoneOf("Asia/Tokyo")
	nightly := gocron.CronJob("30 2 * * *", false)
	for name, c := range map[string]struct {
		local      *time.Location
		options    []gocron.SchedulerOption
		definition gocron.JobDefinition
		job        []gocron.JobOption
		want       int
	}{
		"crontab":           {zone, nil, nightly, nil, 1},
		"daily":             {zone, nil, gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(2, 30, 0))), nil, 1},
		"summer time alone": {zoneOf("Europe/London"), nil, nightly, nil, 1},
		"zone given":        {zone, []gocron.SchedulerOption{gocron.WithLocation(time.UTC)}, nightly, nil, 0},
		"zone of the job":   {zone, nil, nightly, []gocron.JobOption{gocron.WithJobLocation(time.UTC)}, 0},
		"zone in crontab":   {zone, nil, gocron.CronJob("TZ=Europe/Berlin 30 2 * * *", false), nil, 0},
		"UTC":               {zoneOf("UTC"), nil, nightly, nil, 0},
		"interval":          {zone, nil, gocron.DurationJob(time.Hour), nil, 0},
		"real time":         {zone, nil, gocron.CronJob("@every 1h", false), nil, 0},
		"not claimed":       {zone, nil, nightly, []gocron.JobOption{gocron.WithDisabledDistributedJobLocker(true)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			time.Local = c.local
			logger := &lineLogger{}
			claim := func(context.Context, string, time.Time) (gocron.Lock, error) { return nil, nil }
			s := rig.NewScheduler(t, append(c.options, gocron.WithLogger(logger), gocron.WithDistributedLocker(gocron.ClaimerFrom(claim)))...)
			for _, name := range []string{"a", "b"} {
				rig.MustJob(t, s, c.definition, func() {}, append(c.job, gocron.WithName(name))...)
			}
			require.Len(t, logger.at("WARN"), c.want, logger.lines)
		})
	}
}
