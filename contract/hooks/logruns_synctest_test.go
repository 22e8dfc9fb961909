//go:build go1.25

package hooks_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var loggedID = uuid.MustParse("00000000-0000-4000-8000-000000000001")

// logged is the line that LogRuns writes for a run, without its time.
func logged(run gocron.RunInfo, level slog.Level) string {
	var b bytes.Buffer
	handler := slog.NewTextHandler(&b, &slog.HandlerOptions{Level: level})
	gocron.LogRuns(slog.New(handler)).RunFinished(run)
	_, line, _ := strings.Cut(b.String(), " ")
	return line
}

func TestLogRunsLine(t *testing.T) {
	run := gocron.RunInfo{
		ID: 7, JobID: loggedID, JobName: "job", Tags: []string{"tag"}, Trigger: gocron.TriggerRetry, Attempt: 2,
		ScheduledAt: rig.Now, StartedAt: rig.Now.Add(time.Second), FinishedAt: rig.Now.Add(3 * time.Second),
		Outcome: gocron.OutcomeFailed, Err: errors.New("disk is full"),
	}
	require.Equal(t, `level=ERROR msg="gocron: run" job=job job_id=00000000-0000-4000-8000-000000000001 run_id=7 trigger=retry attempt=2 `+
		`outcome=failed scheduled_at=2026-03-10T12:00:00.000Z delay=1s duration=2s err="disk is full"`+"\n", logged(run, slog.LevelInfo))
	run = gocron.RunInfo{ID: 8, JobID: loggedID, JobName: "job", ScheduledAt: rig.Now, FinishedAt: rig.Now, Outcome: gocron.OutcomePaused}
	require.Equal(t, `level=DEBUG msg="gocron: run" job=job job_id=00000000-0000-4000-8000-000000000001 run_id=8 trigger=schedule `+
		`outcome=paused scheduled_at=2026-03-10T12:00:00.000Z`+"\n", logged(run, slog.LevelDebug))
	require.Empty(t, logged(run, slog.LevelInfo))
	run = gocron.RunInfo{Attempt: 1, Outcome: gocron.OutcomeInterrupted, ScheduledAt: rig.Now, StartedAt: rig.Now, FinishedAt: rig.Now.Add(time.Hour)}
	require.NotContains(t, logged(run, slog.LevelInfo), "duration=", "nobody knows when it ended")
	run = gocron.RunInfo{Attempt: 1, Outcome: gocron.OutcomeSucceeded, ScheduledAt: rig.Now, StartedAt: rig.Now.Add(-1), FinishedAt: rig.Now.Add(-2)}
	require.Contains(t, logged(run, slog.LevelInfo), " delay=0s duration=0s", "the clock was set back")
}

func TestLogRunsLevels(t *testing.T) {
	for outcome := gocron.OutcomeSucceeded; outcome.String() != "unknown"; outcome++ {
		for attempt := range 2 {
			want := "DEBUG"
			switch outcome.String() {
			case "failed", "panicked", "timed-out", "interrupted", "engine-down", "store-down":
				want = "ERROR"
			case "skipped-singleton", "skipped-limit", "dropped-queue-full", "missed":
				want = "WARN"
			default:
				if attempt > 0 {
					want = "INFO"
				}
			}
			line := logged(gocron.RunInfo{Outcome: outcome, Attempt: attempt}, slog.LevelDebug)
			require.True(t, strings.HasPrefix(line, "level="+want+" "), "%s", line)
		}
	}
}

// A nil logger means the default one of the moment.
func TestSynctestLogRunsOfNil(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithHooks(gocron.LogRuns(nil)))
		j := rig.MustJob(t, s, gocron.ManualJob(), rig.Noop)
		s.Start()
		var b bytes.Buffer
		slog.SetDefault(slog.New(slog.NewTextHandler(&b, nil)))
		_, err := gocron.NewController(s).RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, 1, strings.Count(b.String(), `msg="gocron: run"`))
	})
}
