package time_test

import (
	"fmt"
	"strings"
	"sync"
)

// lines is a Logger that keeps what it is told.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) write(level, text string, args []any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, level+" "+text+" "+strings.TrimSpace(fmt.Sprintln(args...)))
}

func (l *lines) Debug(text string, args ...any) { l.write("DEBUG", text, args) }
func (l *lines) Error(text string, args ...any) { l.write("ERROR", text, args) }
func (l *lines) Info(text string, args ...any)  { l.write("INFO", text, args) }
func (l *lines) Warn(text string, args ...any)  { l.write("WARN", text, args) }

// with are the lines that contain part.
func (l *lines) with(part string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.all {
		if strings.Contains(line, part) {
			found = append(found, line)
		}
	}
	return found
}
