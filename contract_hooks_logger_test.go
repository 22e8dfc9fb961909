package gocron

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// everyLogCall brings a scheduler, with the logger unless that is nil, to report what it has to.
func everyLogCall(t *testing.T, logger Logger) {
	options := []SchedulerOption{WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) {
		return unlockFunc(func(context.Context) error { return errHook }), nil
	}))}
	if logger != nil {
		options = append(options, WithLogger(logger))
	}
	r := newRig(t, options...)
	r.job(MonthlyJob(12, NewDaysOfTheMonth(31), atClock(12, 0)), func() {}, WithName("late"))
	r.job(DurationJob(time.Hour), func() {}, WithName("locked"))
	r.advance(22 * 24 * time.Hour)
	r.start()
	r.advance(time.Hour)
	r.stop()
}

func TestHooksLogLinesOfAScheduler(t *testing.T) {
	out := captureStdout(t, func() { everyLogCall(t, NewLogger(LogLevelDebug)) })
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Greater(t, len(lines), 2)
	for _, line := range lines {
		require.Regexp(t, `^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (INFO|DEBUG|WARN|ERROR): gocron: [^=]+(, \w+=[^=]+)*$`, line)
	}
	require.Regexp(t, `(?m) WARN: gocron: .*, job=late, `, out)
	require.Regexp(t, `(?m) ERROR: gocron: .*, job=locked, error=hook$`, out)
}

func TestHooksLogLevelsOfAScheduler(t *testing.T) {
	require.Empty(t, captureStdout(t, func() { everyLogCall(t, NewLogger(LogLevelError-1)) }))
	errors := captureStdout(t, func() { everyLogCall(t, NewLogger(LogLevelError)) })
	require.Equal(t, 1, strings.Count(errors, "\n"))
	warnings := captureStdout(t, func() { everyLogCall(t, NewLogger(LogLevelWarn)) })
	require.Equal(t, 2, strings.Count(warnings, "\n"))
}

func TestHooksDefaultLoggerWritesNothing(t *testing.T) {
	require.Empty(t, captureStdout(t, func() { everyLogCall(t, nil) }))
	require.Empty(t, captureStdout(t, func() {
		s := newScheduler(t)
		s.Start()
		s.Start()
		mustJob(t, s, DurationJob(time.Hour), func() {})
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
