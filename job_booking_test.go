package gocron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimeIntervalsAreDueByTheMonotonicClock(t *testing.T) {
	s := newScheduler(t).(*scheduler)
	jobs := map[string]Job{}
	for name, definition := range everyKind() {
		jobs[name] = mustJob(t, s, definition, func() {})
	}
	start := mustJob(t, s, DurationJob(time.Hour), func() {}, WithStartAt(WithStartDateTime(time.Now().Add(time.Hour))))
	s.Start()
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, j := range jobs {
		require.Equal(t, name != "duration" && name != "random", j.(*internalJob).dueByWall, name)
	}
	require.True(t, start.(*internalJob).dueByWall, "a start time is a wall time")
}

// everyKind is one definition of each kind.
func everyKind() map[string]JobDefinition {
	noon := NewAtTimes(NewAtTime(12, 0, 0))
	return map[string]JobDefinition{
		"duration": DurationJob(time.Hour),
		"random":   DurationRandomJob(time.Hour, 2*time.Hour),
		"cron":     CronJob("0 12 * * *", false),
		"every":    CronJob("@every 1h", false),
		"daily":    DailyJob(1, noon),
		"weekly":   WeeklyJob(1, NewWeekdays(time.Monday), noon),
		"monthly":  MonthlyJob(1, NewDaysOfTheMonth(1), noon),
		"one-time": OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(1000 * time.Hour))),
	}
}
