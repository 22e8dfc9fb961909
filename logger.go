package gocron

import (
	"fmt"
	"log"
	"os"
	"strings"
)

// Logger receives what the scheduler reports about its own work: a message and
// alternating keys and values. It is called concurrently. A *slog.Logger is a Logger:
// logging packages that come with a handler for log/slog, as most do, need no adapter.
type Logger interface {
	Debug(msg string, args ...any)
	Error(msg string, args ...any)
	Info(msg string, args ...any)
	Warn(msg string, args ...any)
}

// LogLevel says how much a logger made by NewLogger writes. Each level
// includes the ones above it.
type LogLevel int

// The levels of NewLogger, the quietest first.
const (
	LogLevelError LogLevel = iota
	LogLevelWarn
	LogLevelInfo
	LogLevelDebug
)

// NewLogger returns a Logger that writes to standard output. It writes messages of the given level
// and more severe ones, a line each, with the log package's standard flags:
//
//	2026/11/22 10:30:00 INFO: message, key=value, key=value
//
// An odd number of arguments is written as fmt.Sprint writes it. A level below LogLevelError writes
// nothing. The Logger writes to os.Stdout as it is when NewLogger is called, and does not use the
// log package's own logger.
func NewLogger(level LogLevel) Logger {
	return &stdoutLogger{out: log.New(os.Stdout, "", log.LstdFlags), level: level}
}

// noOpLogger is the logger of a scheduler that was given none.
type noOpLogger struct{}

var _ Logger = noOpLogger{}

func (noOpLogger) Debug(string, ...any) {}
func (noOpLogger) Error(string, ...any) {}
func (noOpLogger) Info(string, ...any)  {}
func (noOpLogger) Warn(string, ...any)  {}

type stdoutLogger struct {
	out   *log.Logger
	level LogLevel
}

func (l *stdoutLogger) Debug(msg string, args ...any) { l.write(LogLevelDebug, "DEBUG", msg, args) }
func (l *stdoutLogger) Error(msg string, args ...any) { l.write(LogLevelError, "ERROR", msg, args) }
func (l *stdoutLogger) Info(msg string, args ...any)  { l.write(LogLevelInfo, "INFO", msg, args) }
func (l *stdoutLogger) Warn(msg string, args ...any)  { l.write(LogLevelWarn, "WARN", msg, args) }

func (l *stdoutLogger) write(level LogLevel, name, msg string, args []any) {
	if level > l.level {
		return
	}
	l.out.Print(name, ": ", msg, formatArgs(args))
}

// formatArgs writes the arguments as they follow the message.
func formatArgs(args []any) string {
	if len(args)%2 != 0 {
		return ", " + fmt.Sprint(args...)
	}
	var b strings.Builder
	for i := 0; i < len(args); i += 2 {
		fmt.Fprintf(&b, ", %v=%v", args[i], args[i+1])
	}
	return b.String()
}
