package gocron

import (
	"fmt"
	"math/rand"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A union of rules names the instants that the oracle finds for any of them, those of a Schedule
// and of a OneTimeJob included, each once.
func TestAnyOfOracle(t *testing.T) {
	unions := 10
	if testing.Short() {
		unions = 3
	}
	for i, z := range oracleZones {
		start, err := time.ParseInLocation("2006-01-02", z.start, zoneOf(t, z.zone))
		require.NoError(t, err)
		walked := walkFrom(start)
		for u := range unions {
			checkUnion(t, walked, int64(7000+i*1000+u))
		}
	}
}

func checkUnion(t *testing.T, walked *walk, seed int64) {
	t.Helper()
	r := rand.New(rand.NewSource(seed))
	zone := walked.start.Location()
	policy, overlap, fromMonday := DaylightSavingsTimePolicy(r.Intn(3)), DaylightSavingsTimeOverlap(r.Intn(3)), r.Intn(2) == 0
	anchor := walked.randomInstant(r)
	about := fmt.Sprintf("seed %d, %v from %v, policy %d:", seed, zone, anchor, policy)
	var members []JobDefinition
	var expected []int64
	for n := 1 + r.Intn(4); n > 0; {
		x := randomRule(r)
		if x.policy != policy || x.overlap != overlap || x.fromMonday != fromMonday {
			continue
		}
		n--
		if Validate(x.definition) != nil {
			continue // a crontab that never comes true
		}
		members, about = append(members, x.definition), about+"\n"+x.name
		expected = append(expected, x.instants(anchor, walked.moments)...)
	}
	once, ownRule := make([]time.Time, 5), make([]int64, 40)
	for i := range ownRule {
		ownRule[i] = walked.randomInstant(r).Unix()
		once[i%len(once)] = walked.randomInstant(r).Truncate(time.Second).UTC()
	}
	slices.Sort(ownRule)
	members = append(members, ScheduleJob(listedSchedule(ownRule)), OneTimeJob(OneTimeJobStartDateTimes(append(once, far)...)))
	for _, at := range once {
		expected = append(expected, at.Unix())
	}
	expected = append(expected, ownRule...)
	slices.Sort(expected)
	expected = slices.Compact(expected)
	for len(expected) > 0 && expected[0] <= anchor.Unix() {
		expected = expected[1:]
	}

	s, err := AnyOf(members...).schedule(scheduleConfig{location: zone, now: anchor, dst: policy, overlap: overlap, weeksFromMonday: fromMonday})
	require.NoError(t, err, about)
	checkChain(t, s, anchor, expected, about)
	checkChain(t, &anyOfWalk{s: s.(*anyOfSchedule)}, anchor, expected, about)
	for range 30 {
		if from := walked.randomInstant(r); !from.Before(anchor) {
			checkFrom(t, s, anchor, from, expected, about)
		}
	}
}

// A Schedule may count from the time that it is given, and a clock that was set back moves what the
// parts count from: then each part is asked for every time.
func TestAnyOfWalked(t *testing.T) {
	anchor := instant(t, "09:00:00")
	later := ScheduleJob(ScheduleFunc(func(after time.Time) time.Time { return after.Add(50 * time.Minute) }))
	hourly, once := CronJob("0 * * * *", false), OneTimeJob(OneTimeJobStartDateTimes(anchor.Add(time.Hour)))
	s := scheduleOf(t, AnyOf(later, hourly), scheduleConfig{now: anchor, location: time.UTC}).(*anyOfSchedule)
	checkWalk := func(start time.Time, want ...string) {
		t.Helper()
		first := s.next(anchor, start)
		for i, at := range occurrences(s, anchor, first, len(want), time.Time{}) {
			require.Equal(t, want[i], at.Format(time.TimeOnly))
		}
	}
	checkWalk(anchor, "09:50:00", "10:00:00", "10:50:00", "11:00:00")

	s = scheduleOf(t, AnyOf(hourly, once), scheduleConfig{now: anchor, location: time.UTC}).(*anyOfSchedule)
	s.countBack(anchor.Add(2*time.Hour), time.Time{})
	checkWalk(anchor.Add(-90*time.Minute), "08:00:00", "09:00:00", "10:00:00", "11:00:00")
}

// far is after all that is walked.
var far = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// listedSchedule is a Schedule of instants, sorted.
type listedSchedule []int64

func (l listedSchedule) Next(after time.Time) time.Time {
	i := sort.Search(len(l), func(i int) bool { return l[i] > after.Unix() })
	if i == len(l) {
		return time.Time{}
	}
	return time.Unix(l[i], 0)
}

// The search costs no step for each time that is passed over.
func TestAnyOfFarAhead(t *testing.T) {
	anchor := instant(t, "09:00:00")
	s := scheduleOf(t, AnyOf(DailyJob(3, at(9, 0, 0)), CronJob("* * * * * *", true), MonthlyJob(1, NewDaysOfTheMonth(31), at(9, 0, 0))),
		scheduleConfig{now: anchor, location: time.UTC})
	at := time.Date(9998, 12, 31, 8, 59, 59, 5e8, time.UTC)
	require.Equal(t, at.Truncate(time.Second).Add(time.Second), s.next(anchor, at))
	require.Zero(t, s.next(anchor, time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)))
}
