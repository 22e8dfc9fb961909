package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// A cleaner removes what has expired, from time to time, in a goroutine of its own.
// Every node has one; they do not wait for each other.
type cleaner struct {
	stop context.CancelFunc
	done chan struct{} // closed when the goroutine has ended
}

func startCleaner(s *store) *cleaner {
	ctx, stop := context.WithCancel(context.Background())
	c := &cleaner{stop: stop, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		for c.wait(ctx, s.keep) {
			if err := s.clean(ctx); err != nil && ctx.Err() == nil {
				s.logger.Warn("gocron/postgres: expired claims could not be removed",
					"error", s.fail(ctx, "clean", "", time.Time{}, err))
			}
		}
	}()
	return c
}

// wait waits until the next pass is due and reports false if the cleaner is closed. Four
// passes in the time that a claim is kept, and at least one in ten minutes, let few rows
// gather. The half that is left to chance keeps nodes that started together apart.
func (c *cleaner) wait(ctx context.Context, keep time.Duration) bool {
	pace := min(max(keep/4, time.Second), 10*time.Minute)
	timer := time.NewTimer(pace/2 + rand.N(pace))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// removedAtOnce bounds how many rows one statement removes, so that it is soon over.
const removedAtOnce = 1000

// The rows are chosen in an array, as a subquery with a limit may be performed several
// times. Rows that another cleaner is about to remove, or that a holder is renewing, are
// passed over.
const cleanSQL = `
DELETE FROM %[1]s WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM %[1]s WHERE expires_at <= now() LIMIT $1 FOR UPDATE SKIP LOCKED
))`

// clean removes all claims and leases that have expired.
func (s *store) clean(ctx context.Context) error {
	for _, table := range []string{"{claims}", "{leases}"} {
		for rows := int64(removedAtOnce); rows == removedAtOnce; {
			var err error
			if rows, err = s.exec(ctx, s.db, fmt.Sprintf(cleanSQL, table), int64(removedAtOnce)); err != nil {
				return err
			}
		}
	}
	return nil
}
