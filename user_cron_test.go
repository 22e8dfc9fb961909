package gocron

import (
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cronFuncs is a Cron that cannot be compared.
type cronFuncs struct {
	isValid func(string, *time.Location, time.Time) error
	next    func(time.Time) time.Time
}

func (c cronFuncs) IsValid(crontab string, location *time.Location, now time.Time) error {
	if c.isValid == nil {
		return nil
	}
	return c.isValid(crontab, location, now)
}

func (c cronFuncs) Next(lastRun time.Time) time.Time { return c.next(lastRun) }

// cronPointer is one that can.
type cronPointer struct{ cronFuncs }

// cronNumber is one that is not always equal to itself.
type cronNumber float64

func (cronNumber) IsValid(string, *time.Location, time.Time) error { return nil }
func (cronNumber) Next(lastRun time.Time) time.Time                { return lastRun.Add(time.Hour) }

func TestUserCron(t *testing.T) {
	zone := time.FixedZone("here", 3600)
	now := instant(t, "09:00:00").In(zone)
	var asked []any
	answer := instant(t, "10:30:00")
	s := scheduleOf(t, CronJob("anything", true), scheduleConfig{location: zone, now: now, cron: cronFuncs{
		isValid: func(crontab string, location *time.Location, now time.Time) error {
			asked = append(asked, crontab, location, now)
			return nil
		},
		next: func(lastRun time.Time) time.Time {
			asked = append(asked, lastRun)
			return answer
		},
	}})
	require.Equal(t, CronJobSchedule{Crontab: "anything"}, s.public())
	require.Equal(t, answer, s.next(now, now.UTC()), "as given")
	require.Equal(t, []any{"anything", zone, now, now}, asked, "in the location of the job")

	for _, answer = range []time.Time{now, now.Add(-1), {}, instant(t, "9999-12-31T23:59:59Z").Add(time.Second)} {
		require.Zero(t, s.next(now, now), "%v", answer)
	}
}

func TestUserCron_refuses(t *testing.T) {
	reason := errors.New("reason")
	_, err := CronJob("", false).schedule(scheduleConfig{cron: cronFuncs{
		isValid: func(string, *time.Location, time.Time) error { return reason },
	}})
	require.True(t, err == reason, "as it is: %v", err)
	require.Empty(t, cronCalls.owners)
}

func TestUserCron_callsOfOneValueNeverOverlap(t *testing.T) {
	var inside, most atomic.Int32
	c := &cronPointer{}
	c.cronFuncs.next = func(lastRun time.Time) time.Time {
		n := inside.Add(1)
		if n > most.Load() {
			most.Store(n)
		}
		for i := 0; i < 100; i++ {
			goroutineID() // something that takes a while
		}
		inside.Add(-1)
		return lastRun.Add(time.Hour)
	}
	at := instant(t, "09:00:00")
	var all sync.WaitGroup
	for i := 0; i < 8; i++ {
		s := scheduleOf(t, CronJob("", false), scheduleConfig{cron: c})
		all.Add(1)
		go func() {
			defer all.Done()
			for i := 0; i < 100; i++ {
				s.next(at, at)
			}
		}()
	}
	all.Wait()
	require.EqualValues(t, 1, most.Load())
	require.Empty(t, cronCalls.owners)
}

// While one goroutine is inside, another that asks waits until it has left.
func TestUserCron_waits(t *testing.T) {
	c := newCallSerializer()
	leave := c.enter("key")
	order := make(chan string, 2)
	started := make(chan struct{})
	go func() {
		close(started)
		leave := c.enter("key")
		order <- "second"
		leave()
	}()
	<-started
	c.enter("other key")() // is not held up
	order <- "first"
	leave()
	require.Equal(t, "first", <-order)
	require.Equal(t, "second", <-order)
}

func TestUserCron_nestedCalls(t *testing.T) {
	at := instant(t, "09:00:00")
	for _, build := range map[string]func(f cronFuncs) Cron{
		"comparable":     func(f cronFuncs) Cron { return &cronPointer{f} },
		"not comparable": func(f cronFuncs) Cron { return f },
	} {
		var c Cron
		var s schedule
		depth := 0
		c = build(cronFuncs{next: func(lastRun time.Time) time.Time {
			if depth++; depth < 3 {
				scheduleOf(t, CronJob("", false), scheduleConfig{cron: c})
				return s.next(at, lastRun)
			}
			return lastRun.Add(time.Hour)
		}})
		s = scheduleOf(t, CronJob("", false), scheduleConfig{cron: c})
		require.Equal(t, at.Add(time.Hour), s.next(at, at))
		require.Empty(t, cronCalls.owners)
	}
}

func TestUserCron_panicReleases(t *testing.T) {
	at := instant(t, "09:00:00")
	c := &cronPointer{cronFuncs{next: func(time.Time) time.Time { panic("oops") }}}
	s := scheduleOf(t, CronJob("", false), scheduleConfig{cron: c})
	require.PanicsWithValue(t, "oops", func() { s.next(at, at) })
	require.Empty(t, cronCalls.owners)
}

func TestUserCron_thatIsNotEqualToItself(t *testing.T) {
	at := instant(t, "09:00:00")
	s := scheduleOf(t, CronJob("", false), scheduleConfig{cron: cronNumber(math.NaN())})
	require.Equal(t, at.Add(time.Hour), s.next(at, at))
	require.Empty(t, cronCalls.owners)
}

func TestGoroutineID(t *testing.T) {
	other := make(chan uint64)
	go func() { other <- goroutineID() }()
	require.NotZero(t, goroutineID())
	require.Equal(t, goroutineID(), goroutineID())
	require.NotEqual(t, goroutineID(), <-other)
}
