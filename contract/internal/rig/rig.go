// Package rig is what the tests of the contract share. It uses the exported API alone.
//
//   - scheduler.go, entrances.go: schedulers and jobs, and the two ways to put a job into the
//     place of another.
//   - definitions.go: definitions and options that many tests use.
//   - clock.go, stepped.go, settle.go: a Rig is a scheduler on a fake clock, which the test moves.
//   - wall_synctest.go: a Wall is a scheduler whose real clock is set, for scripts/walltime.
//   - hold.go: tasks whose runs wait until the test lets them go.
//   - fakes.go, monitors.go, recorder.go: what users implement.
//   - runbook.go, policy_synctest.go, stats.go: how runs ended.
//   - times.go: times at which jobs are due, and assertions about them.
//   - refusals.go: jobs that no scheduler takes.
package rig
