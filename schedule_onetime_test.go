package gocron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOneTimeSchedule(t *testing.T) {
	s := scheduleOf(t, OneTimeJob(OneTimeJobStartDateTimes(
		instants(t, "12:00:00", "10:00:00", "07:00:00", "08:00:00", "10:00:00", "2026-03-02T10:00:00.000000001Z")...,
	)), scheduleConfig{now: instant(t, "08:00:00")})
	for now, expected := range map[string]string{
		"00:00:00":                       "10:00:00",
		"09:59:59":                       "10:00:00",
		"10:00:00":                       "2026-03-02T10:00:00.000000001Z",
		"2026-03-02T10:00:00.000000001Z": "12:00:00",
		"12:00:00":                       "",
	} {
		require.Equal(t, instant(t, expected), s.next(instant(t, "00:00:00"), instant(t, now)), now)
	}
}

func TestOneTimeSchedule_oneInstantInTwoZones(t *testing.T) {
	here, ten := time.FixedZone("here", 3600), instant(t, "10:00:00")
	s := scheduleOf(t, OneTimeJob(OneTimeJobStartDateTimes(ten.In(here), ten)), scheduleConfig{})
	require.Equal(t, OneTimeJobSchedule{StartAt: []time.Time{ten.In(here)}}, s.public())
	require.Zero(t, s.next(ten, ten))
}

func TestOneTimeSchedule_keepsTimesAsGiven(t *testing.T) {
	zone := time.FixedZone("there", 7200)
	now := time.Now()
	withReading, other := now.Add(time.Hour), now.Add(2*time.Hour).In(zone)
	s := scheduleOf(t, OneTimeJob(OneTimeJobStartDateTimes(other, withReading)), scheduleConfig{now: now})
	require.Equal(t, withReading, s.next(now, now))
	require.Equal(t, other, s.next(now, withReading))
	require.Equal(t, zone, s.next(now, withReading).Location())
}

// Times with a monotonic reading and without one are sorted and compared alike.
func TestOneTimeSchedule_goesByTheWallClock(t *testing.T) {
	now := time.Now()
	a, b, c := now.Add(time.Hour), now.Add(2*time.Hour).Round(0), now.Add(3*time.Hour)
	s := scheduleOf(t, OneTimeJob(OneTimeJobStartDateTimes(c, b, a, a.Round(0))), scheduleConfig{now: now})
	require.Equal(t, []time.Time{a, b, c}, s.public().(OneTimeJobSchedule).StartAt)
}

func TestOneTimeSchedule_immediately(t *testing.T) {
	s := scheduleOf(t, OneTimeJob(OneTimeJobStartImmediately()), scheduleConfig{}).(*oneTimeSchedule)
	require.True(t, s.immediately)
	require.Zero(t, s.next(instant(t, "00:00:00"), instant(t, "00:00:00")))

	later := OneTimeJobStartDateTime(instant(t, "10:00:00"))
	require.False(t, scheduleOf(t, OneTimeJob(later), scheduleConfig{}).(*oneTimeSchedule).immediately)

	both := func(j *internalJob) []time.Time {
		OneTimeJobStartImmediately()(j)
		return later(j)
	}
	s = scheduleOf(t, OneTimeJob(both), scheduleConfig{}).(*oneTimeSchedule)
	require.True(t, s.immediately)
	require.Equal(t, instant(t, "10:00:00"), s.next(instant(t, "00:00:00"), instant(t, "00:00:00")))
}
