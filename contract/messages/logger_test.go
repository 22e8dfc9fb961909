package messages_test

import (
	"fmt"
	"strings"
	"sync"
)

// lineLogger keeps what it is told, a line each.
type lineLogger struct {
	mu    sync.Mutex
	lines []string
}

func (l *lineLogger) note(level, msg string, args []any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	line := level + " " + msg
	for i := 0; i+1 < len(args); i += 2 {
		line += fmt.Sprintf(", %v=%v", args[i], args[i+1])
	}
	l.lines = append(l.lines, line)
}

func (l *lineLogger) Debug(msg string, args ...any) { l.note("DEBUG", msg, args) }
func (l *lineLogger) Error(msg string, args ...any) { l.note("ERROR", msg, args) }
func (l *lineLogger) Info(msg string, args ...any)  { l.note("INFO", msg, args) }
func (l *lineLogger) Warn(msg string, args ...any)  { l.note("WARN", msg, args) }

// at are the lines of a level.
func (l *lineLogger) at(level string) (lines []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		if strings.HasPrefix(line, level) {
			lines = append(lines, line)
		}
	}
	return lines
}
