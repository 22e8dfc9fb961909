// Package otel shows what a scheduler does to OpenTelemetry: its metrics, and a span for each
// attempt of a run.
//
//	err := otel.Attach(ctx, meter, gocron.NewController(s)) // a scheduler that may be running
//
//	traced := otel.Middleware(gocron.WithMiddleware, gocron.RunFromContext, tracer) // a job option
//	s, err := gocron.NewScheduler(gocron.WithGlobalJobOptions(traced))
//
// It imports nothing of the scheduler's package, so it serves programs that have that under its own
// path and programs that have it in the place of another.
//
// The metrics, with their attributes. Read by Prometheus they have the names of
// gocron/metrics/prometheus, such as gocron_runs_total:
//
//	gocron.runs                                 job_name, outcome
//	gocron.run.duration, gocron.run.start_delay pool, or job_name with WithJobHistograms
//	gocron.runs.in_progress, gocron.runs.waiting, gocron.runs.retrying,
//	gocron.oldest_waiting, gocron.pool.limit    pool
//	gocron.job.next_run.timestamp, gocron.job.last_run.timestamp,
//	gocron.job.last_success.timestamp, gocron.job.paused, gocron.job.overdue    job_name
//	gocron.job.info                             job_name, kind, schedule, location, pool
//	gocron.scheduler.running, gocron.leader
//
// Jobs of one name are counted together: the next run is the earliest of theirs, the last ones the
// latest, and they are paused or overdue if one of them is.
package otel
