package schedules_test

import (
	"fmt"
	"math/rand"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
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
	common := rule{policy: gocron.DaylightSavingsTimePolicy(r.Intn(3)), overlap: gocron.DaylightSavingsTimeOverlap(r.Intn(3)), fromMonday: r.Intn(2) == 0}
	anchor := walked.randomInstant(r)
	about := fmt.Sprintf("seed %d, %v from %v, policy %d:", seed, anchor.Location(), anchor, common.policy)
	var members []gocron.JobDefinition
	var expected []int64
	for n := 1 + r.Intn(4); n > 0; {
		x := randomRule(r)
		if x.policy != common.policy || x.overlap != common.overlap || x.fromMonday != common.fromMonday {
			continue
		}
		n--
		if gocron.Validate(x.definition) != nil {
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
	members = append(members, gocron.ScheduleJob(listedSchedule(ownRule)), gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(append(once, far)...)))
	for _, at := range once {
		expected = append(expected, at.Unix())
	}
	expected = append(expected, ownRule...)
	slices.Sort(expected)
	expected = slices.Compact(expected)
	for len(expected) > 0 && expected[0] <= anchor.Unix() {
		expected = expected[1:]
	}

	p, err := planFrom(t, anchor, gocron.AnyOf(members...), common.options()...)
	require.NoError(t, err, about)
	checkChain(t, p, anchor, expected, about)
	for range 30 {
		checkFrom(t, p, walked.randomInstant(r), expected, about)
	}
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
	p, err := planFrom(t, anchor, gocron.AnyOf(gocron.DailyJob(3, at(9, 0, 0)), gocron.CronJob("* * * * * *", true),
		gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(31), at(9, 0, 0))))
	require.NoError(t, err)
	late := time.Date(9998, 12, 31, 8, 59, 59, 5e8, time.UTC)
	require.Equal(t, late.Truncate(time.Second).Add(time.Second), p.next(late))
	require.Zero(t, p.next(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)))
}
