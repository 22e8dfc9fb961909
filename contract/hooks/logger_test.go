package hooks_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// everyLogCall brings a scheduler, with the logger unless that is nil, to report what it has to.
func everyLogCall(t *testing.T, logger gocron.Logger) {
	options := []gocron.SchedulerOption{gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
		return rig.UnlockFunc(func(context.Context) error { return rig.ErrHook }), nil
	}))}
	if logger != nil {
		options = append(options, gocron.WithLogger(logger))
	}
	r := rig.New(t, options...)
	r.Job(gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), rig.AtClock(12, 0)), func() {}, gocron.WithName("late"))
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("locked"))
	r.Advance(22 * 24 * time.Hour)
	r.Start()
	r.Advance(time.Hour)
	r.Stop()
}

func TestHooksLogLinesOfAScheduler(t *testing.T) {
	out := captureStdout(t, func() { everyLogCall(t, gocron.NewLogger(gocron.LogLevelDebug)) })
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Greater(t, len(lines), 2)
	for _, line := range lines {
		require.Regexp(t, `^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (INFO|DEBUG|WARN|ERROR): gocron: [^=]+(, \w+=[^=]+)*$`, line)
	}
	require.Regexp(t, `(?m) WARN: gocron: .*, job=late, `, out)
	require.Regexp(t, `(?m) ERROR: gocron: .*, job=locked, error=hook$`, out)
}

func TestHooksLogLevelsOfAScheduler(t *testing.T) {
	require.Empty(t, captureStdout(t, func() { everyLogCall(t, gocron.NewLogger(gocron.LogLevelError-1)) }))
	errors := captureStdout(t, func() { everyLogCall(t, gocron.NewLogger(gocron.LogLevelError)) })
	require.Equal(t, 1, strings.Count(errors, "\n"))
	warnings := captureStdout(t, func() { everyLogCall(t, gocron.NewLogger(gocron.LogLevelWarn)) })
	require.Equal(t, 2, strings.Count(warnings, "\n"))
}

func TestHooksDefaultLoggerWritesNothing(t *testing.T) {
	require.Empty(t, captureStdout(t, func() { everyLogCall(t, nil) }))
	require.Empty(t, captureStdout(t, func() {
		s := rig.NewScheduler(t)
		s.Start()
		s.Start()
		rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() {})
	}))
}

func TestHooksSlogLoggerIsALogger(t *testing.T) {
	var out bytes.Buffer
	everyLogCall(t, slog.New(slog.NewTextHandler(&out, nil)))
	require.Contains(t, out.String(), "level=WARN")
	require.Contains(t, out.String(), "job=late")
	require.Contains(t, out.String(), "level=ERROR")
	require.Contains(t, out.String(), "error=hook")
	require.NotContains(t, out.String(), "!BADKEY")
}

// captureStdout returns what write writes to os.Stdout. What it writes must
// fit into the buffer of a pipe.
func captureStdout(t *testing.T, write func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	stdout := os.Stdout
	defer func() { os.Stdout = stdout }()
	os.Stdout = w
	write()
	require.NoError(t, w.Close())
	written, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(written)
}
