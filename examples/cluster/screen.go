package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// A screen shows what happens: on a terminal a picture that is drawn in place, elsewhere
// line by line.
type screen struct {
	out    io.Writer
	live   bool
	height int // of the picture that is to be drawn over
}

func newScreen(out *os.File) *screen {
	info, err := out.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	return &screen{out: out, live: terminal}
}

// line writes a line, unless there is a picture that shows it.
func (s *screen) line(format string, args ...any) {
	if !s.live {
		fmt.Fprintf(s.out, format+"\n", args...)
	}
}

// draw draws the picture in the place of the one before, on a terminal.
func (s *screen) draw(picture string) {
	if !s.live {
		return
	}
	var b strings.Builder
	if s.height > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", s.height)
	}
	for line := range strings.Lines(picture) {
		b.WriteString("\r" + strings.TrimSuffix(line, "\n") + "\x1b[K\n")
	}
	b.WriteString("\x1b[J")
	s.height = strings.Count(picture, "\n")
	fmt.Fprint(s.out, b.String())
}

// end writes the table and the report for good. The news are below the table if they were
// not written line by line.
func (s *screen) end(table, news, report string) {
	if s.live {
		s.draw(table + "\n" + news)
	} else {
		fmt.Fprint(s.out, "\n", table)
	}
	fmt.Fprint(s.out, "\n", report)
}
