package gocron

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Jobs that are claimed by the machine's own time zone are other jobs on a node in another zone. The logger is told
// so once, and not when a zone was given, or when all nodes are in UTC.
func TestClaimsByTheLocalZoneAreWarnedOf(t *testing.T) {
	defer func(local *time.Location) { time.Local = local }(time.Local)
	zone := zoneOf(t, "Asia/Tokyo")
	nightly := CronJob("30 2 * * *", false)
	for name, c := range map[string]struct {
		local      *time.Location
		options    []SchedulerOption
		definition JobDefinition
		job        []JobOption
		want       int
	}{
		"crontab":           {zone, nil, nightly, nil, 1},
		"daily":             {zone, nil, DailyJob(1, NewAtTimes(NewAtTime(2, 30, 0))), nil, 1},
		"summer time alone": {zoneOf(t, "Europe/London"), nil, nightly, nil, 1},
		"zone given":        {zone, []SchedulerOption{WithLocation(time.UTC)}, nightly, nil, 0},
		"zone in crontab":   {zone, nil, CronJob("TZ=Europe/Berlin 30 2 * * *", false), nil, 0},
		"UTC":               {zoneOf(t, "UTC"), nil, nightly, nil, 0},
		"interval":          {zone, nil, DurationJob(time.Hour), nil, 0},
		"real time":         {zone, nil, CronJob("@every 1h", false), nil, 0},
		"not claimed":       {zone, nil, nightly, []JobOption{WithDisabledDistributedJobLocker(true)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			time.Local = c.local
			logger := &lineLogger{}
			claim := func(context.Context, string, time.Time) (Lock, error) { return nil, nil }
			s := newScheduler(t, append(c.options, WithLogger(logger), WithDistributedLocker(ClaimerFrom(claim)))...)
			for _, name := range []string{"a", "b"} {
				mustJob(t, s, c.definition, func() {}, append(c.job, WithName(name))...)
			}
			require.Len(t, logger.at("WARN"), c.want, logger.lines)
		})
	}
}
