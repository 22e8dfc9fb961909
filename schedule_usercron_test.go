package gocron

import (
	"errors"
	"math"
	"runtime"
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

// requireNoTurns fails if a call under way is remembered.
func requireNoTurns(t *testing.T, turns *cronTurns) {
	t.Helper()
	require.Empty(t, turns.turns)
}

func TestUserCron_refuses(t *testing.T) {
	reason := errors.New("reason")
	s := &scheduler{}
	_, err := CronJob("", false).schedule(scheduleConfig{job: &internalJob{s: s}, cron: cronFuncs{
		isValid: func(string, *time.Location, time.Time) error { return reason },
	}})
	require.True(t, err == reason, "as it is: %v", err)
	requireNoTurns(t, &s.cronTurns)
}

func TestUserCron_callsOfOneValueNeverOverlap(t *testing.T) {
	var inside, most atomic.Int32
	c := &cronPointer{}
	c.cronFuncs.next = func(lastRun time.Time) time.Time {
		most.Store(max(most.Load(), inside.Add(1)))
		runtime.Gosched()
		inside.Add(-1)
		return lastRun.Add(time.Hour)
	}
	at := instant(t, "09:00:00")
	s := &scheduler{}
	var all sync.WaitGroup
	for range 8 {
		plan := scheduleOf(t, CronJob("", false), scheduleConfig{job: &internalJob{s: s}, cron: c})
		all.Add(1)
		go func() {
			defer all.Done()
			for range 100 {
				plan.next(at, at)
			}
		}()
	}
	all.Wait()
	require.EqualValues(t, 1, most.Load())
	requireNoTurns(t, &s.cronTurns)
}

// While one goroutine calls, another that wants to waits until it has ended.
func TestUserCron_waits(t *testing.T) {
	var turns cronTurns
	end := turns.take("key")
	order := make(chan string, 2)
	started := make(chan struct{})
	go func() {
		close(started)
		end := turns.take("key")
		order <- "second"
		end()
	}()
	<-started
	turns.take("other key")() // is not held up
	order <- "first"
	end()
	require.Equal(t, "first", <-order)
	require.Equal(t, "second", <-order)
}

func TestUserCron_panicEndsItsTurn(t *testing.T) {
	at := instant(t, "09:00:00")
	s := &scheduler{}
	c := &cronPointer{cronFuncs{next: func(time.Time) time.Time { panic("oops") }}}
	plan := scheduleOf(t, CronJob("", false), scheduleConfig{job: &internalJob{s: s}, cron: c})
	require.PanicsWithValue(t, "oops", func() { plan.next(at, at) })
	requireNoTurns(t, &s.cronTurns)
}

func TestUserCron_thatIsNotEqualToItself(t *testing.T) {
	at := instant(t, "09:00:00")
	s := scheduleOf(t, CronJob("", false), scheduleConfig{cron: cronNumber(math.NaN())})
	require.Equal(t, at.Add(time.Hour), s.next(at, at))
	requireNoTurns(t, s.(*userCron).turns)
}

// The time after the last one comes first, so that the Cron keeps its phase. A time that has come
// already is passed over, but Start lets one come at that moment.
func TestUserCron_nextFrom(t *testing.T) {
	every := scheduleOf(t, CronJob("", false), scheduleConfig{cron: cronFuncs{
		next: func(at time.Time) time.Time { return at.Add(20 * time.Minute) }}})
	for _, x := range []struct{ last, from, want, atStart string }{
		{"", "09:00:00", "09:20:00", "09:20:00"},
		{"09:00:00", "09:00:01", "09:20:00", "09:20:00"},
		{"09:00:00", "09:20:00", "09:40:00", "09:20:00"},
		{"09:00:00", "09:20:01", "09:40:01", "09:40:01"},
	} {
		at := instant(t, x.from)
		require.Equal(t, instant(t, x.want), nextFrom(every, at, instant(t, x.last), at, false), "%+v", x)
		require.Equal(t, instant(t, x.atStart), nextFrom(every, at, instant(t, x.last), at, true), "%+v", x)
	}
	asked := 0
	none := scheduleOf(t, CronJob("", false), scheduleConfig{cron: cronFuncs{
		next: func(at time.Time) time.Time { asked++; return time.Time{} }}})
	require.Zero(t, nextFrom(none, instant(t, "09:00:00"), instant(t, "08:00:00"), instant(t, "09:00:00"), false))
	require.Equal(t, 1, asked, "none after the last is none at all")
}
