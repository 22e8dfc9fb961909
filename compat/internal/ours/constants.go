package ours

import (
	"errors"
	"fmt"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// Facts are what a program can tell of the package without running a job.
func Facts() []string {
	reschedule, wait := gocron.LimitModeReschedule, gocron.LimitModeWait
	at := gocron.NewAtTime(4, 5, 6)
	return []string{
		fmt.Sprintf("%T %v %T %v", reschedule, reschedule, wait, wait),
		fmt.Sprint(gocron.CronJobType, gocron.DurationJobType, gocron.DurationRandomJobType, gocron.DailyJobType, gocron.WeeklyJobType, gocron.MonthlyJobType, gocron.OneTimeJobType),
		fmt.Sprint(gocron.DaylightSavingsTimeDefault, gocron.DaylightSavingsTimeSkip, gocron.DaylightSavingsTimeRunAfterTransition),
		fmt.Sprint(gocron.LogLevelError, gocron.LogLevelWarn, gocron.LogLevelInfo, gocron.LogLevelDebug),
		fmt.Sprint(gocron.Fail, gocron.Success, gocron.Skip, gocron.SingletonRescheduled),
		gocron.TimeFromAtTime(at, time.UTC).String(),
		fmt.Sprint(gocron.NewDefaultCron(true).IsValid("* * * * * *", time.UTC, time.Unix(0, 0))),
		fmt.Sprint(errors.Is(gocron.NewDefaultCron(false).IsValid("* * * * * *", time.UTC, time.Unix(0, 0)), gocron.ErrCronJobParse)),
		texts(),
	}
}

func texts() string {
	all := ""
	for _, s := range sentinels {
		all += fmt.Sprintf("%s: %v\n", s.name, s.err)
	}
	return all
}
