package gocron

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A monitor that keeps a set by id ends right, however many replace the id at once. A record
// that has left before its announcement is not announced at all.
func TestAnnouncementsOfAnIDComeInTheOrderOfTheChanges(t *testing.T) {
	const replacements = 50
	var mu sync.Mutex
	var known, told []string
	s := newScheduler(t, WithSchedulerMonitor(monitorFuncs{
		registered: func(j Job) {
			mu.Lock()
			defer mu.Unlock()
			require.Empty(t, known, "the one before has left")
			known, told = append(known, j.Name()), append(told, j.Name())
			mu.Unlock()
			runtime.Gosched()
			mu.Lock()
		},
		unregistered: func(j Job) {
			mu.Lock()
			defer mu.Unlock()
			require.Equal(t, []string{j.Name()}, known)
			known = nil
		},
	}))
	s.Start()
	id := uuid.New()
	for round := 0; round < 20; round++ {
		var all sync.WaitGroup
		for i := 0; i < replacements; i++ {
			all.Add(1)
			go func() {
				defer all.Done()
				_, _ = s.Update(id, DurationJob(time.Hour), NewTask(noop), WithName(fmt.Sprint(round, i)))
				if i%5 == 0 {
					_ = s.RemoveJob(id)
				}
			}()
		}
		all.Wait()
		var listed []string
		for _, j := range s.Jobs() {
			listed = append(listed, j.Name())
		}
		require.Equal(t, listed, known)
	}
	_ = s.RemoveJob(id)
	require.Empty(t, known)
	slices.Sort(told)
	require.Equal(t, told, slices.Compact(slices.Clone(told)), "each is announced once")
	require.Empty(t, s.(*scheduler).announcers)
}
