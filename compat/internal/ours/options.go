package ours

import (
	"context"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

var noContext context.Context

var jobOptions = map[string]gocron.JobOption{
	"nil":               nil,
	"name":              gocron.WithName("a name"),
	"no name":           gocron.WithName(""),
	"tags":              gocron.WithTags("a", "b"),
	"no tags":           gocron.WithTags(),
	"id":                gocron.WithIdentifier(uuid.NameSpaceDNS),
	"no id":             gocron.WithIdentifier(uuid.Nil),
	"limited":           gocron.WithLimitedRuns(3),
	"limited to 0":      gocron.WithLimitedRuns(0),
	"singleton":         gocron.WithSingletonMode(gocron.LimitModeReschedule),
	"singleton wait":    gocron.WithSingletonMode(gocron.LimitModeWait),
	"singleton 0":       gocron.WithSingletonMode(0),
	"singleton 7":       gocron.WithSingletonMode(7),
	"context":           gocron.WithContext(context.Background()),
	"no context":        gocron.WithContext(noContext),
	"no cron":           gocron.WithCronImplementation(nil),
	"no locker":         gocron.WithDistributedJobLocker(nil),
	"locker disabled":   gocron.WithDisabledDistributedJobLocker(true),
	"policy 99":         gocron.WithDaylightSavingsTimePolicy(99),
	"from completion":   gocron.WithIntervalFromCompletion(),
	"start nil":         gocron.WithStartAt(nil),
	"stop nil":          gocron.WithStopAt(nil),
	"no listeners":      gocron.WithEventListeners(),
	"nil listener":      gocron.WithEventListeners(nil),
	"before nil":        gocron.WithEventListeners(gocron.BeforeJobRuns(nil)),
	"before error nil":  gocron.WithEventListeners(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(nil)),
	"after nil":         gocron.WithEventListeners(gocron.AfterJobRuns(nil)),
	"after error nil":   gocron.WithEventListeners(gocron.AfterJobRunsWithError(nil)),
	"after panic nil":   gocron.WithEventListeners(gocron.AfterJobRunsWithPanic(nil)),
	"lock error nil":    gocron.WithEventListeners(gocron.AfterLockError(nil)),
	"start immediately": gocron.WithStartAt(gocron.WithStartImmediately()),
}

var schedulerOptions = map[string]gocron.SchedulerOption{
	"nil":               nil,
	"limit 0":           gocron.WithLimitConcurrentJobs(0, gocron.LimitModeWait),
	"limit 2":           gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait),
	"limit 2 other":     gocron.WithLimitConcurrentJobs(2, gocron.LimitModeReschedule),
	"limit mode 7":      gocron.WithLimitConcurrentJobs(1, 7),
	"timeout 0":         gocron.WithStopTimeout(0),
	"timeout -1":        gocron.WithStopTimeout(-1),
	"no location":       gocron.WithLocation(nil),
	"no clock":          gocron.WithClock(nil),
	"no logger":         gocron.WithLogger(nil),
	"logger":            gocron.WithLogger(gocron.NewLogger(gocron.LogLevelError)),
	"no monitor":        gocron.WithMonitor(nil),
	"no monitor status": gocron.WithMonitorStatus(nil),
	"no sched monitor":  gocron.WithSchedulerMonitor(nil),
	"no elector":        gocron.WithDistributedElector(nil),
	"no locker":         gocron.WithDistributedLocker(nil),
	"no globals":        gocron.WithGlobalJobOptions(),
}
