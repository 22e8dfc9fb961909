package runs_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// Mocks and logs print contexts, also when the task has returned: that must not read
// what the scheduler writes, which the race detector would see.
func TestContractATasksContextCanBePrintedAtAnyTime(t *testing.T) {
	s := rig.NewScheduler(t)
	var printing sync.WaitGroup
	ran := make(chan struct{})
	j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func(ctx context.Context) {
		printing.Add(1)
		go func() {
			defer printing.Done()
			for i := 0; i < 100; i++ {
				_ = fmt.Sprintf("%v %+v %#v", ctx, ctx, ctx)
			}
		}()
		ran <- struct{}{}
	})
	s.Start()
	for i := 0; i < 20; i++ {
		require.NoError(t, j.RunNow())
		rig.Receive(t, ran)
	}
	printing.Wait()
}

func TestContractATasksContextPrintsAsOne(t *testing.T) {
	s := rig.NewScheduler(t)
	printed := make(chan string, 1)
	j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func(ctx context.Context) {
		child, cancel := context.WithCancel(ctx)
		defer cancel()
		printed <- fmt.Sprint(child)
	})
	s.Start()
	require.NoError(t, j.RunNow())
	require.Equal(t, "context.Background.WithCancel.WithValue(gocron.run).WithCancel", <-printed)
}
