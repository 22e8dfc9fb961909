package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// An entry is a line of the ledger, which is written to without help of the scheduler or its store.
type entry struct {
	What    string
	Child   int
	At      int64         // nanoseconds
	Job     string        `json:",omitempty"`
	Due     int64         `json:",omitempty"` // nanoseconds
	Attempt int           `json:",omitempty"`
	Trigger string        `json:",omitempty"`
	Every   time.Duration `json:",omitempty"`
	Pid     int           `json:",omitempty"`
}

const (
	// What tasks write.
	called   = "called"
	returned = "returned"
	failed   = "failed"

	// What a process writes about itself, and about a job whose schedule changes, before it does
	// something and afterwards.
	opens   = "opens" // the store
	defines = "defines"
	defined = "defined"
	removes = "removes"
	removed = "removed"
)

// A ledger is what is written in the file.
type ledger struct {
	calls   map[occurrence][]*call // in their order
	opened  []entry                // by each process
	changes map[string][]entry     // of the schedule of a job, by its title
}

// A call is what the ledger says of one call of a task.
type call struct {
	entry
	ended string // returned, failed or "", if the process was killed in it
}

// An occurrence is a job at a time.
type occurrence struct {
	job string
	due int64
}

func readLedger(path string) (*ledger, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	l := &ledger{calls: map[occurrence][]*call{}, changes: map[string][]entry{}}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		var e entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", path, lines.Text(), err)
		}
		l.add(e)
	}
	return l, lines.Err()
}

func (l *ledger) add(e entry) {
	at := occurrence{e.Job, e.Due}
	switch e.What {
	case opens:
		l.opened = append(l.opened, e)
	case defines, defined, removes, removed:
		l.changes[e.Job] = append(l.changes[e.Job], e)
	case called:
		l.calls[at] = append(l.calls[at], &call{entry: e})
	default:
		for _, c := range l.calls[at] {
			if c.Attempt == e.Attempt && c.Child == e.Child && c.ended == "" {
				c.ended = e.What
				break
			}
		}
	}
}
