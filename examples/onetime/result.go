package main

import (
	"fmt"
	"io"
	"time"
)

// result counts the outcomes of the one-time jobs.
type result struct {
	asked    int
	created  int
	ran      int // at least once
	twice    int // more than once
	lost     int // neither ran nor in the queue
	queued   int
	periodic int64 // runs of the periodic jobs
	wall     time.Duration
}

func (r result) print(w io.Writer) {
	row := func(name string, value any) { fmt.Fprintf(w, "%-14s%6v\n", name, value) }
	row("created", r.created)
	row("ran", r.ran)
	row("ran twice", r.twice)
	row("lost", r.lost)
	row("still queued", r.queued)
	row("periodic runs", r.periodic)
	row("wall time", r.wall.Round(10*time.Millisecond))
}

// check returns an error unless every job was created and ran exactly once.
func (r result) check() error {
	switch {
	case r.created != r.asked:
		return fmt.Errorf("%d of %d jobs were created", r.created, r.asked)
	case r.ran != r.created || r.twice != 0 || r.lost != 0 || r.queued != 0:
		return fmt.Errorf("not every job ran exactly once: %d lost, %d ran twice, %d still queued", r.lost, r.twice, r.queued)
	}
	return nil
}
