package hooks_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"os"
	"regexp"
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

var timestamp = regexp.MustCompile(`(?m)^\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2} `)

func TestLoggerLine(t *testing.T) {
	for _, tt := range []struct {
		name string
		msg  string
		args []any
		want string
	}{
		{"no arguments", "text", nil, "INFO: text\n"},
		{"one pair", "text", []any{"k", 1}, "INFO: text, k=1\n"},
		{"two pairs", "text", []any{"k", 1, "l", "x y"}, "INFO: text, k=1, l=x y\n"},
		{"nil value", "text", []any{"k", nil}, "INFO: text, k=<nil>\n"},
		{"error and Stringer", "text", []any{"error", errors.New("boom"), time.Second, time.Minute}, "INFO: text, error=boom, 1s=1m0s\n"},
		{"key that is no string", "text", []any{1, 2}, "INFO: text, 1=2\n"},
		{"one argument", "text", []any{"k"}, "INFO: text, k\n"},
		{"one nil argument", "text", []any{nil}, "INFO: text, <nil>\n"},
		{"three arguments", "text", []any{"k", 1, "x"}, "INFO: text, k1x\n"},
		{"three numbers", "text", []any{1, 2, 3}, "INFO: text, 1 2 3\n"},
		{"no message", "", []any{"k", 1}, "INFO: , k=1\n"},
		{"verbs are text", "50%d %s", []any{"%d", "%v"}, "INFO: 50%d %s, %d=%v\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := captureStdout(t, func() { gocron.NewLogger(gocron.LogLevelInfo).Info(tt.msg, tt.args...) })
			require.Regexp(t, timestamp, got)
			require.Equal(t, tt.want, timestamp.ReplaceAllString(got, ""))
		})
	}
}

func TestLoggerLevels(t *testing.T) {
	all := []string{"ERROR: e, k=1\n", "WARN: w, k=1\n", "INFO: i, k=1\n", "DEBUG: d, k=1\n"}
	for _, tt := range []struct {
		level gocron.LogLevel
		lines int
	}{
		{gocron.LogLevelError - 1, 0},
		{gocron.LogLevelError, 1},
		{gocron.LogLevelWarn, 2},
		{gocron.LogLevelInfo, 3},
		{gocron.LogLevelDebug, 4},
		{gocron.LogLevelDebug + 1, 4},
	} {
		got := captureStdout(t, func() {
			l := gocron.NewLogger(tt.level)
			l.Error("e", "k", 1)
			l.Warn("w", "k", 1)
			l.Info("i", "k", 1)
			l.Debug("d", "k", 1)
		})
		want := strings.Join(all[:tt.lines], "")
		require.Equal(t, want, timestamp.ReplaceAllString(got, ""), "level %d", tt.level)
	}
}

func TestLogLevelValues(t *testing.T) {
	require.Equal(t, []gocron.LogLevel{0, 1, 2, 3}, []gocron.LogLevel{gocron.LogLevelError, gocron.LogLevelWarn, gocron.LogLevelInfo, gocron.LogLevelDebug})
}

func TestLoggerKeepsTheStdoutItWasMadeWith(t *testing.T) {
	var made gocron.Logger
	first := captureStdout(t, func() {
		made = gocron.NewLogger(gocron.LogLevelInfo)
		second := captureStdout(t, func() { made.Info("text") })
		require.Empty(t, second)
	})
	require.Equal(t, "INFO: text\n", timestamp.ReplaceAllString(first, ""))
}

func TestLoggerIgnoresTheStandardLogger(t *testing.T) {
	flags, prefix := log.Flags(), log.Prefix()
	defer func() { log.SetFlags(flags); log.SetPrefix(prefix) }()
	log.SetFlags(0)
	log.SetPrefix("prefix ")
	got := captureStdout(t, func() { gocron.NewLogger(gocron.LogLevelInfo).Info("text") })
	require.Regexp(t, timestamp, got)
	require.NotContains(t, got, "prefix")
}
