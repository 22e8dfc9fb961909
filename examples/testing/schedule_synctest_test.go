//go:build go1.25

// A module whose go.mod says less than Go 1.23 gets the timer channels of old,
// which synctest does not take. This line selects the new ones, for this test
// binary. With "go 1.23" or more in go.mod you do not need it.
//
//go:debug asynctimerchan=0
package main

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// Inside the bubble time moves on only when every goroutine waits, so a day
// passes at once, and the scheduler needs no clock handed in.
func TestSynctestOneDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var backups []time.Time
		var beats atomic.Int32
		s, err := newScheduler(program{
			backup: func(context.Context) error {
				backups = append(backups, time.Now())
				return nil
			},
			beat:    func() { beats.Add(1) },
			onError: func(string, error) {},
		}, gocron.WithLocation(time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		s.Start()

		time.Sleep(24 * time.Hour)
		// Both jobs may be due at this very instant: let them end.
		synctest.Wait()

		if got, want := beats.Load(), int32(24*60); got != want {
			t.Errorf("%d heartbeats, want %d", got, want)
		}
		// The bubble's clock starts at midnight UTC.
		if want := start.Add(3 * time.Hour); len(backups) != 1 || !backups[0].Equal(want) {
			t.Errorf("backups at %v, want one at %v", backups, want)
		}
		// A bubble ends only when all its goroutines have: stop the scheduler.
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
	})
}

// Overlap, queueing and time-outs can be tested to the nanosecond as well: here
// a heartbeat that hangs for 90 seconds delays no other one.
func TestSynctestSlowHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		s, err := newScheduler(program{
			backup: func(context.Context) error { return nil },
			beat: func() {
				if n := running.Add(1); n > most.Load() {
					most.Store(n)
				}
				time.Sleep(90 * time.Second)
				running.Add(-1)
			},
			onError: func(string, error) {},
		}, gocron.WithStopTimeout(2*time.Minute)) // Shutdown waits for the last one
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		time.Sleep(10*time.Minute + 30*time.Second)
		synctest.Wait()
		if got := most.Load(); got != 2 {
			t.Errorf("at most %d heartbeats at once, want 2", got)
		}
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
	})
}
