//go:build go1.25

package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A doubtfulStore records begins of some attempt, and says that it could not.
type doubtfulStore struct {
	*gocron.MemoryStore
	attempt int
}

func (d doubtfulStore) Begin(ctx context.Context, run gocron.StoredRun) (bool, error) {
	began, err := d.MemoryStore.Begin(ctx, run)
	if run.Attempt == d.attempt {
		return false, errors.New("no answer")
	}
	return began, err
}

// A begin that failed may be in the store all the same: when the run has its outcome, the next process
// finds nothing that was interrupted.
func TestSynctestABeginThatIsRecordedAllTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		attempt int
		want    string
	}{
		"first attempt":  {1, "store-down schedule 1m0s"},
		"second attempt": {2, "failed schedule 1m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			eachEnd(t, func(t *testing.T, kill bool) {
				store := gocron.NewMemoryStore()
				p := newProcess(t, time.Now(), gocron.WithStore(doubtfulStore{store, c.attempt}), gocron.WithStoreDown(gocron.StoreDownSkip, 5*time.Second))
				options := []gocron.JobOption{gocron.WithName("a"), gocron.WithRerunInterrupted(3), gocron.WithMissed(gocron.MissedRunAll, 0),
					gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: func(int) time.Duration { return time.Second }})}
				p.job(gocron.DurationJob(time.Minute), func() error { return errors.New("it fails") }, options...)
				p.s.Start()
				time.Sleep(90 * time.Second)
				require.Equal(t, []string{c.want}, p.told())
				p, _ = p.restart(store, kill)
				p.told()
				p.job(gocron.DurationJob(time.Minute), nothing, options...)
				p.s.Start()
				time.Sleep(20 * time.Second)
				require.Empty(t, p.told())
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}
