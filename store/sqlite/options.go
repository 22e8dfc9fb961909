package sqlite

import (
	"fmt"
	"time"
)

const (
	defaultKeepRows = 10_000
	defaultKeepFor  = 400 * 24 * time.Hour

	// busyTimeout is how long a request waits for another program to end its transaction.
	busyTimeout = time.Second
	// checkTimeout bounds the look for damage at Open.
	checkTimeout = 2 * time.Second
)

// An Option changes how a Store works.
type Option func(*config) error

type config struct {
	fullSync bool
	keepRows int
	keepFor  time.Duration
	pragmas  []string // more of them, in tests
}

// WithFullSync makes every row outlive a power cut: Begin and Write return when the disk says that
// it has the rows, which takes milliseconds on many disks. Without it they outlive the death of the
// process, and of the machine only some moments later.
func WithFullSync() Option {
	return func(c *config) error {
		c.fullSync = true
		return nil
	}
}

// WithKeep bounds how many rows of runs are kept of each job, and for how long after they were due;
// 0 is no bound. By default they are 10,000, and 400 days. Rows that the scheduler still needs are
// kept in any case. What is above is deleted a little at a time, after others were written. Negative
// values are refused.
func WithKeep(rows int, age time.Duration) Option {
	return func(c *config) error {
		switch {
		case rows < 0:
			return fmt.Errorf("WithKeep: rows %d: must be 0, for no bound, or more", rows)
		case age < 0:
			return fmt.Errorf("WithKeep: age %v: must be 0, for no bound, or more", age)
		}
		c.keepRows, c.keepFor = rows, age
		return nil
	}
}
