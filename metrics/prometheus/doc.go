// Package prom shows what a scheduler does as Prometheus metrics. It attaches to a scheduler that
// may be running already:
//
//	err := prom.Attach(ctx, prometheus.DefaultRegisterer, gocron.NewController(s))
//
// It imports nothing of the scheduler's package, so it serves programs that have that under its own
// path and programs that have it in the place of another.
//
// The metrics, with their labels:
//
//	gocron_runs_total                          job_name, outcome
//	gocron_run_duration_seconds                pool, or job_name with WithJobHistograms
//	gocron_run_start_delay_seconds             the same
//	gocron_runs_in_progress, gocron_runs_waiting, gocron_runs_retrying,
//	gocron_oldest_waiting_seconds, gocron_pool_limit      pool
//	gocron_job_next_run_timestamp_seconds, gocron_job_last_run_timestamp_seconds,
//	gocron_job_last_success_timestamp_seconds, gocron_job_paused, gocron_job_overdue    job_name
//	gocron_job_info                            job_name, kind, schedule, location, pool
//	gocron_scheduler_running, gocron_leader
//
// Jobs of one name are counted together: the next run is the earliest of theirs, the last ones the
// latest, and they are paused or overdue if one of them is.
package prom
