package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// An entry is a line of the ledger, which tasks write to without help of the scheduler or its store.
type entry struct {
	What    string // called, returned or failed
	Job     string
	Due     int64 // nanoseconds
	Attempt int
	Child   int
	Trigger string
	At      int64
}

const (
	called   = "called"
	returned = "returned"
	failed   = "failed"
)

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

// readLedger returns the calls for each occurrence, in their order.
func readLedger(path string) (map[occurrence][]*call, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	calls := map[occurrence][]*call{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		var e entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", path, lines.Text(), err)
		}
		at := occurrence{e.Job, e.Due}
		if e.What == called {
			calls[at] = append(calls[at], &call{entry: e})
			continue
		}
		for _, c := range calls[at] {
			if c.Attempt == e.Attempt && c.Child == e.Child && c.ended == "" {
				c.ended = e.What
				break
			}
		}
	}
	return calls, lines.Err()
}
