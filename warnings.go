package gocron

import (
	"reflect"
	"time"
)

// warn writes a line for each thing about a new job that was accepted and is surely a
// mistake: what its own options ask for and it cannot have. Options of
// WithGlobalJobOptions are for all kinds of jobs, so nothing is said of them. Nothing is
// locked.
func (s *scheduler) warn(j *internalJob, own []string) {
	for _, mistake := range own {
		s.logger.Warn("gocron: job option without effect", "job", j.Name(), "id", j.id, "reason", mistake)
	}
	if other := s.sharesLock(j); other != nil {
		s.logger.Warn("gocron: two jobs share a lock: a run of one keeps the other's from starting",
			"job", j.Name(), "id", j.id, "other", other.id, "reason", "a Locker is given the job's name: WithName sets it")
	}
	if !s.quiet && j.claimsByLocalZone() && !s.zoneWarned.Swap(true) {
		s.logger.Warn("gocron: jobs whose occurrences are claimed are due by this machine's time zone: nodes in other zones run other occurrences",
			"job", j.Name(), "id", j.id, "reason", "no time zone was given: WithLocation sets it for all jobs, WithJobLocation for one")
	}
}

// claimsByLocalZone reports whether j's occurrences are claimed, and their times depend on the zone
// that this machine is in, which is not UTC.
func (j *internalJob) claimsByLocalZone() bool {
	if !j.settings().claims || j.intervals || j.oneTime() || j.userCron() || j.location() != time.Local {
		return false
	}
	if cron, is := plainSchedule(j.plan).(*cronSchedule); is && (cron.every > 0 || cron.zone != nil) {
		return false
	}
	now := j.s.now().Local()
	_, offset := now.Zone()
	_, later := now.AddDate(0, 6, 0).Zone()
	return offset != 0 || later != 0
}

// mistakes are what warn says of the job's own options. It is asked before middleware is
// put around the task.
func (j *internalJob) mistakes(definition JobDefinition, options []JobOption, now time.Time) []string {
	if j.s.quiet || len(options) == 0 {
		return nil
	}
	own := &internalJob{s: j.s}
	if own.apply(options, now) != nil {
		return nil
	}
	x := own.settings()
	var list []string
	note := func(is bool, mistake string) {
		if is {
			list = append(list, mistake)
		}
	}
	note(x.ctx != nil && x.ctx.Err() != nil, "WithContext: the context has already ended, so no run will start")
	note(x.timeout > 0 && len(j.settings().middleware) == 0 && !j.call.wantsContext(),
		"WithTimeout: the task takes no context of the scheduler, so it is not told")
	note(x.retry != nil && !j.everFails(), "WithRetry: the task returns no error, so it is never tried again")
	return append(list, ignored(x, j, definition)...)
}

// everFails reports whether a run of the job can fail in a way that WithRetry sees.
func (j *internalJob) everFails() bool {
	x := j.settings()
	return len(x.middleware) > 0 || x.recoverPanics || x.listeners.takePanics() || x.timeout > 0 || j.call.canFail()
}

// ignored are the options among own that the job's kind ignores.
func ignored(own *jobSettings, j *internalJob, definition JobDefinition) (list []string) {
	plain := plainSchedule(j.plan)
	_, isUnion := plain.(*anyOfSchedule)
	_, isInterval := plain.(interval)
	byWallClock := isUnion || !isInterval && !j.oneTime() && !asksUserCode(plain) && !j.manual()
	_, isWeekly := definition.(*weeklyDefinition)
	for _, option := range []struct {
		name  string
		given bool
		heard bool
		takes string
	}{
		{"WithIntervalFromCompletion", own.fromCompletion, j.intervals, "DurationJob and DurationRandomJob, without WithCalendar"},
		{"WithDaylightSavingsTimePolicy", own.dst != DaylightSavingsTimeDefault, byWallClock,
			"DailyJob, WeeklyJob, MonthlyJob, MonthlyWeekdayJob, AnyOf and CronJob without a Cron of yours"},
		{"WithDaylightSavingsTimeOverlap", own.overlap != DaylightSavingsTimeOverlapFirst, byWallClock && !j.keepsRealTime(),
			"DailyJob, WeeklyJob, MonthlyJob, MonthlyWeekdayJob, AnyOf and CronJob with fixed hours and without a Cron of yours"},
		{"WithWeeksFromMonday", own.weeksFromMonday, isWeekly || isUnion, "WeeklyJob"},
		{"WithCronImplementation", own.cron != nil, readsCrontabs(definition), "CronJob"},
		{"WithJobLocation", own.location != nil, !j.manual() && (!j.oneTime() || len(j.settings().calendars) > 0),
			"jobs with wall times or intervals, not for OneTimeJob and ManualJob"},
		{"WithJitter", own.jitter > 0, j.takesJitter(), "jobs by interval, day, week, month or crontab, and AnyOf, without a Cron or Schedule of yours"},
		{"WithCalendar", len(own.calendars) > 0, !j.manual() || j.window().hasStart(), "jobs that have times"},
		{"WithRemoveWhenFinished", own.removeWhenFinished, j.oneTime(), "OneTimeJob"},
	} {
		if option.given && !option.heard {
			list = append(list, option.name+": this kind of job ignores it, it is for "+option.takes)
		}
	}
	return list
}

// asksPlainLocker reports whether runs of j take a lock that has j's name for its key.
func (j *internalJob) asksPlainLocker() bool {
	return j.s.electorFor(j) == nil && !j.settings().claims && j.s.lockerFor(j) != nil
}

// sharesLock is another job that takes the same lock as j, nil for none.
func (s *scheduler) sharesLock(j *internalJob) *internalJob {
	if s.quiet || !j.asksPlainLocker() {
		return nil
	}
	s.lock()
	other := s.locking[j.Name()]
	s.unlock()
	if other == nil || other.id == j.id || !sameValue(s.lockerFor(other), s.lockerFor(j)) {
		return nil
	}
	return other
}

// sameValue is a == b, and false for values that cannot be compared.
func sameValue(a, b any) bool {
	return reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}

// isQuiet reports whether the logger is known to write no warning.
func isQuiet(logger Logger) bool {
	switch l := logger.(type) {
	case noOpLogger:
		return true
	case *stdoutLogger:
		return l.level < LogLevelWarn
	}
	return false
}

// loggerWantsRuns reports whether the logger wants the lines about runs, at Debug.
func loggerWantsRuns(logger Logger) bool {
	l, own := logger.(*stdoutLogger)
	return !isQuiet(logger) && (!own || l.level >= LogLevelDebug)
}

// logEnd writes why a run did not succeed. Nothing is locked.
func (s *scheduler) logEnd(info RunInfo, reason string) {
	if info.Err != nil {
		reason = info.Err.Error()
	}
	s.logger.Debug("gocron: a run did not succeed", "job", info.JobName, "id", info.JobID, "run", info.ID,
		"outcome", info.Outcome.String(), "attempts", info.Attempt, "reason", reason)
}

// outcomeReasons are said of runs that have no error.
var outcomeReasons = map[Outcome]string{
	OutcomeSkippedSingleton: "another run of the job is in progress or waits",
	OutcomeSkippedLimit:     "all slots of the limit are taken",
	OutcomePaused:           "the job is paused",
	OutcomeCancelled:        "the run was cancelled before its task was called",
}

// reason is why r, which has its outcome, did not succeed, if no error says it.
func (r *run) reason(info RunInfo) string {
	switch {
	case info.Outcome != OutcomeCancelled:
		return outcomeReasons[info.Outcome]
	case r.session.stopped:
		return "the scheduler was stopped"
	case r.job.ended:
		return "the context given by WithContext has ended"
	case !r.job.listed:
		return "the job was removed or replaced"
	case r.job.window().isOver(r.job.s.now()):
		return "the job's stop time has passed"
	}
	return outcomeReasons[info.Outcome]
}
