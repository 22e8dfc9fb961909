package gocron

import (
	"errors"
	"io"
	"log"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var _ Logger = (*slog.Logger)(nil)

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
			got := captureStdout(t, func() { NewLogger(LogLevelInfo).Info(tt.msg, tt.args...) })
			require.Regexp(t, timestamp, got)
			require.Equal(t, tt.want, timestamp.ReplaceAllString(got, ""))
		})
	}
}

func TestLoggerLevels(t *testing.T) {
	all := []string{"ERROR: e, k=1\n", "WARN: w, k=1\n", "INFO: i, k=1\n", "DEBUG: d, k=1\n"}
	for _, tt := range []struct {
		level LogLevel
		lines int
	}{
		{LogLevelError - 1, 0},
		{LogLevelError, 1},
		{LogLevelWarn, 2},
		{LogLevelInfo, 3},
		{LogLevelDebug, 4},
		{LogLevelDebug + 1, 4},
	} {
		got := captureStdout(t, func() {
			l := NewLogger(tt.level)
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
	require.Equal(t, []LogLevel{0, 1, 2, 3}, []LogLevel{LogLevelError, LogLevelWarn, LogLevelInfo, LogLevelDebug})
}

func TestLoggerKeepsTheStdoutItWasMadeWith(t *testing.T) {
	var made Logger
	first := captureStdout(t, func() {
		made = NewLogger(LogLevelInfo)
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
	got := captureStdout(t, func() { NewLogger(LogLevelInfo).Info("text") })
	require.Regexp(t, timestamp, got)
	require.NotContains(t, got, "prefix")
}

func TestNoOpLoggerWritesNothing(t *testing.T) {
	got := captureStdout(t, func() {
		var l Logger = noOpLogger{}
		l.Error("e")
		l.Warn("w")
		l.Info("i")
		l.Debug("d")
	})
	require.Empty(t, got)
}
