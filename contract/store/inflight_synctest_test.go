//go:build go1.25

package store_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// slowBegins takes its time before it records a begin.
type slowBegins struct{ *gocron.MemoryStore }

func (s slowBegins) Begin(ctx context.Context, run gocron.StoredRun) (bool, error) {
	time.Sleep(5 * time.Second)
	return s.MemoryStore.Begin(ctx, run)
}

// A begin is being recorded when its job is removed, and forgotten or renamed: that waits for it, so no
// row is left under a name that is gone.
func TestSynctestABeginThatIsBeingRecordedWhenItsNameGoes(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(p *process) error
		rows []string // of b
	}{
		"forgotten": {func(p *process) error { return p.c.Forget(context.Background(), "a") }, nil},
		"renamed": {func(p *process) error {
			_, err := p.s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(nothing), gocron.WithName("b"), gocron.WithFormerName("a"))
			return err
		}, []string{"1m0s cancelled"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := gocron.NewMemoryStore()
				p := newProcess(t, time.Now(), gocron.WithStore(slowBegins{store}))
				j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"))
				p.s.Start()
				time.Sleep(61 * time.Second)
				require.NoError(t, p.s.RemoveJob(j.ID()))
				require.NoError(t, c.do(p))
				time.Sleep(10 * time.Second)
				require.NoError(t, p.s.Shutdown())
				require.Empty(t, historyOf(t, store, "a"))
				require.Equal(t, c.rows, p.outcomesOf(store, "b"))
			})
		})
	}
}
