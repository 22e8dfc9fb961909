package gocron

import (
	"encoding/binary"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
)

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	require.NoError(t, err)
	return zone
}

// chain is what a schedule does after from; the offset tells two passes apart.
func chain(s schedule, anchor, from time.Time, n int) []string {
	var times []string
	for ; n > 0; n-- {
		from = s.next(anchor, from)
		times = append(times, from.Format("2006-01-02 15:04 -0700"))
	}
	return times
}

// ruledZone makes a zone whose offset changes at the given Unix second and that
// follows rule, a POSIX TZ string, from then on.
func ruledZone(t *testing.T, at int64, before, after int32, rule string) *time.Location {
	t.Helper()
	big := binary.BigEndian
	header := func(changes, zones uint32) []byte {
		b := append([]byte("TZif2"), make([]byte, 15)...)
		for _, n := range []uint32{0, 0, 0, changes, zones, 4} {
			b = big.AppendUint32(b, n)
		}
		return b
	}
	offset := func(b []byte, o int32) []byte { return append(big.AppendUint32(b, uint32(o)), 0, 0) }
	data := offset(header(0, 1), before) // the part that is for old readers
	data = append(data, "TST\x00"...)
	data = append(data, header(1, 2)...)
	data = append(big.AppendUint64(data, uint64(at)), 1)
	data = offset(offset(data, before), after)
	data = append(data, "TST\x00\n"+rule+"\n"...)
	zone, err := time.LoadLocationFromTZData("test", data)
	require.NoError(t, err)
	return zone
}

// A yearly time that falls into the gap each year is dropped each year.
func TestDaylightSavings_neverExists(t *testing.T) {
	zone := ruledZone(t, 0, 0, 0, "TST0TDT,J90/2,J270/3")
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
	_, err := CronJob("30 2 31 3 *", false).schedule(scheduleConfig{location: zone, now: from})
	require.Equal(t, ErrCronJobInvalid, err)

	s := scheduleOf(t, CronJob("30 2 31 3 *", false), scheduleConfig{location: zone, now: from, dst: DaylightSavingsTimeRunAfterTransition})
	require.Equal(t, []string{"2026-03-31 03:30 +0100", "2027-03-31 03:30 +0100"}, chain(s, from, from, 2))
}

// Wherever ZoneBounds errs, stretches must not.
func TestStretchAt(t *testing.T) {
	for _, x := range []struct {
		zone, at   string
		start, end string // UTC; empty: none
	}{
		{"UTC", "2026-01-01T00:00:00Z", "", ""},
		{"America/New_York", "2026-07-01T00:00:00Z", "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"},
		{"America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"},
		{"America/New_York", "2048-12-31T00:00:00Z", "2048-11-01T06:00:00Z", "2049-01-01T00:00:00Z"},
		{"America/New_York", "2048-12-31T23:59:59Z", "2048-11-01T06:00:00Z", "2049-01-01T00:00:00Z"},
		{"America/Metlakatla", "2019-01-25T00:00:00Z", "2019-01-20T10:00:00Z", "2019-03-10T11:00:00Z"},
	} {
		s := stretchAt(zoneOf(t, x.zone), instant(t, x.at).Unix())
		expected := stretch{start: noStart, end: noEnd}
		if x.start != "" {
			expected.start, expected.end = instant(t, x.start).Unix(), instant(t, x.end).Unix()
		}
		require.Equal(t, []int64{expected.start, expected.end}, []int64{s.start, s.end}, "%v at %v", x.zone, x.at)
	}
}

// A zone that takes on its rule in winter begins its stretch then, not where the
// rule alone would have it begin.
func TestStretchAt_newRule(t *testing.T) {
	change := instant(t, "2019-01-20T10:00:00Z").Unix()
	zone := ruledZone(t, change, -8*3600, -9*3600, "AKST9AKDT,M3.2.0,M11.1.0")
	for _, at := range []int64{change, change + 1, change + 40*secondsPerDay} {
		s := stretchAt(zone, at)
		require.Equal(t, stretch{start: change, end: instant(t, "2019-03-10T11:00:00Z").Unix(), offset: -9 * 3600, before: -8 * 3600}, s)
	}
	from := time.Unix(change-3600, 0).In(zone) // 01:00, to be shown twice
	s := scheduleOf(t, DailyJob(1, at(1, 30, 0)), scheduleConfig{location: zone, now: from})
	require.Equal(t, []string{"2019-01-20 01:30 -0800", "2019-01-21 01:30 -0900"}, chain(s, from, from, 2))
}

// A far time is found without looking at each change of the clock before it.
func TestDaylightSavings_overlapCostsTheSameHoweverFar(t *testing.T) {
	zone := zoneOf(t, "America/New_York")
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
	for overlap := DaylightSavingsTimeOverlapFirst; overlap <= DaylightSavingsTimeOverlapBoth; overlap++ {
		asked := 0
		far := func(wall) (wall, bool) { asked++; return time.Date(9998, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), true }
		at, ok := wallClock{zone: zone, overlap: overlap}.next(from.Unix(), far)
		require.True(t, ok)
		require.Equal(t, time.Date(9998, 1, 1, 0, 0, 0, 0, zone).Unix(), at)
		require.LessOrEqual(t, asked, 3, "overlap %d", overlap)
	}
}
