package compat

import (
	"fmt"
	"hash/fnv"
	"math/rand"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/compat/internal/ours"
	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// A kindCase is a job of a kind that this side alone has, and jobs of the other side which together
// have the same times: all of theirs that the case keeps.
type kindCase struct {
	spec.Case // now, start, stop, and whether NewJob comes after Start

	name       string // of the kind
	definition gocron.JobDefinition
	options    []gocron.JobOption
	limited    int // runs, 0 for any number
	theirs     []spec.Case
	keeps      func(time.Time) bool // nil for all
	jitter     time.Duration
	late       int // times that have passed, and run at once
}

// A kindOf makes the cases of one kind. The case that it is given has a time and perhaps a start.
type kindOf struct {
	name  string
	build func(r *rand.Rand, k *kindCase)
}

var kinds = []kindOf{
	{"MonthlyWeekdayJob", nthWeekdayCase},
	{"WithWeeksFromMonday", weeksFromMondayCase},
	{"AnyOf", anyOfCase},
	{"OnWeekdays", onWeekdaysCase},
	{"BetweenHours", betweenHoursCase},
	{"WithJobLocation", jobLocationCase},
	{"WithJitter", jitterCase},
	{"ScheduleJob", scheduleJobCase},
	{"OneTimeJobStartDateTimesOrNow", orNowCase},
}

// evenZones have no clock changes, about which the other side has errors that are listed and tested
// elsewhere.
var evenZones = []string{"UTC", "Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu"}

func newKindCase(seed int64, id int) *kindCase {
	r := rand.New(rand.NewSource(seed<<20 + int64(id) + 1<<41))
	kind := kinds[id%len(kinds)]
	k := &kindCase{name: kind.name}
	zone := oneOf(r, evenZones...)
	now := instant(r, zone).Truncate(time.Second).Add(time.Duration(1 + r.Intn(1e9-1))) // when nothing is due
	k.Case = spec.Case{ID: id, Now: spec.FromTime(now, zone), Kind: spec.Daily, Interval: 1, Late: chance(r, 50)}
	if chance(r, 40) {
		k.limited = 1 + r.Intn(4)
	}
	k.begin(r)
	kind.build(r, k)
	k.end(r)
	return k
}

// begin draws a start.
func (k *kindCase) begin(r *rand.Rand) {
	bound(r, &k.Case)
	k.Stop = nil
	if k.Start != nil && k.Start.How != spec.StartImmediately {
		k.Start.At.Zone = k.Now.Zone
	}
}

// end draws a stop time, often that of a run, and hands start and stop on.
func (k *kindCase) end(r *rand.Rand) {
	if chance(r, 25) {
		m := after(r, k.Now, 0)
		if k.Start != nil && k.Start.How == spec.StartAt {
			m = after(r, k.Start.At, 0)
		}
		if one := k.theirs[0]; chance(r, 50) && one.Kind != spec.Random {
			one.Start = k.Start
			if runs := predict(one, 10).runs; len(runs) > 0 {
				m = spec.FromTime(runs[r.Intn(len(runs))], k.Now.Zone)
			}
		}
		m.Zone = k.Now.Zone
		k.Stop = &m
	}
	for i := range k.theirs {
		c := &k.theirs[i]
		c.ID, c.Late, c.Start = k.ID, k.Late, k.Start
		if k.Stop != nil && k.jitter == 0 {
			m := *k.Stop // at which nothing of theirs is due any more
			m.Nano++
			c.Stop = &m
		}
	}
}

// anchor is what the case counts from.
func (k *kindCase) anchor() time.Time {
	if k.Start == nil || k.Start.How == spec.StartImmediately {
		return k.Now.Time()
	}
	return k.Start.At.Time()
}

func (k *kindCase) isStart(t time.Time) bool {
	return k.Start != nil && k.Start.How != spec.StartImmediately && t.Equal(k.Start.At.Time())
}

// job draws a definition of a kind that both have.
func (k *kindCase) job(r *rand.Rand, kind string, interval uint, count int) spec.Case {
	c := spec.Case{Now: k.Now, Kind: kind, Interval: interval, Count: count}
	for {
		defineKind(r, &c)
		c.Instant = false
		if kind != spec.Cron || !strings.Contains(c.Crontab, "TZ=") && !strings.HasPrefix(c.Crontab, "@every") {
			return c
		}
	}
}

func nthWeekdayCase(r *rand.Rand, k *kindCase) {
	daily := k.job(r, spec.Daily, 1, 400)
	var nths []gocron.NthWeekday
	for n := 1 + r.Intn(3); n > 0; n-- {
		nths = append(nths, gocron.NthWeekday{N: oneOf(r, 1, 2, 3, 4, 5, -1, -1, -2, -5), Weekday: time.Weekday(r.Intn(7))})
	}
	interval := oneOf(r, 1, 1, 1, 2, 3)
	k.definition = gocron.MonthlyWeekdayJob(uint(interval), func() []gocron.NthWeekday { return nths }, atTimes(daily))
	k.theirs = []spec.Case{daily}
	first := k.anchor()
	k.keeps = func(t time.Time) bool {
		months := 12*(t.Year()-first.Year()) + int(t.Month()) - int(first.Month())
		return k.isStart(t) || months%interval == 0 && isNth(nths, t)
	}
}

// isNth counts the days of t's month that are the same day of the week.
func isNth(nths []gocron.NthWeekday, t time.Time) bool {
	before, after := 0, 0
	for day := 1; day <= 31; day++ {
		other := time.Date(t.Year(), t.Month(), day, 0, 0, 0, 0, time.UTC)
		if other.Month() != t.Month() || other.Weekday() != t.Weekday() {
			continue
		}
		if day < t.Day() {
			before++
		} else if day > t.Day() {
			after++
		}
	}
	for _, nth := range nths {
		if nth.Weekday == t.Weekday() && (nth.N == before+1 || nth.N == -after-1) {
			return true
		}
	}
	return false
}

func atTimes(c spec.Case) gocron.AtTimes {
	var all []gocron.AtTime
	for _, at := range c.Ats.Times {
		all = append(all, gocron.NewAtTime(at.H, at.M, at.S))
	}
	return gocron.NewAtTimes(all[0], all[1:]...)
}

func weeksFromMondayCase(r *rand.Rand, k *kindCase) {
	weekly := k.job(r, spec.Weekly, 1, 100)
	k.theirs = []spec.Case{weekly}
	interval := oneOf(r, 1, 1, 2, 3)
	weekly.Interval = uint(interval)
	k.definition, k.options = ours.Definition(weekly), []gocron.JobOption{gocron.WithWeeksFromMonday()}
	monday := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d-(int(t.Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
	}
	first := monday(k.anchor())
	k.keeps = func(t time.Time) bool {
		weeks := int(monday(t).Sub(first) / (7 * oneDay))
		return k.isStart(t) || weeks%interval == 0
	}
}

func anyOfCase(r *rand.Rand, k *kindCase) {
	var parts []gocron.JobDefinition
	kinds := []string{spec.Cron, spec.Cron, spec.Daily, spec.Weekly, spec.Monthly}
	if k.Start == nil {
		kinds = append(kinds, spec.OneTime)
	}
	for n := 2 + r.Intn(2); n > 0; n-- {
		c := k.job(r, oneOf(r, kinds...), oneOf[uint](r, 1, 1, 2, 3), 60)
		k.theirs = append(k.theirs, c)
		parts = append(parts, ours.Definition(c))
	}
	k.definition = gocron.AnyOf(parts...)
}

func onWeekdaysCase(r *rand.Rand, k *kindCase) {
	minute, hour := fmt.Sprint(r.Intn(60)), oneOf(r, fmt.Sprint(r.Intn(24)), "9-17", "*/6")
	month := oneOf(r, "*", "*", "*/2", "JAN-MAR")
	days := oneOf(r, "1-5", "6,0", "3", "1,3,5")
	on := map[string][]time.Weekday{"1-5": nil, "6,0": {6, 0}, "3": {3}, "1,3,5": {1, 3, 5}}[days]
	included := map[string]string{"1-5": "12345", "6,0": "60", "3": "3", "1,3,5": "135"}[days]
	line := fmt.Sprintf("%s %s * %s ", minute, hour, month)
	k.definition = gocron.CronJob(line+"*", false)
	k.options = []gocron.JobOption{gocron.WithCalendar(gocron.OnWeekdays(on...))}
	k.theirs = []spec.Case{{Now: k.Now, Kind: spec.Cron, Crontab: line + days, Count: 30}}
	k.keeps = func(t time.Time) bool { // a start time may be excluded
		return strings.Contains(included, fmt.Sprint(int(t.Weekday())))
	}
}

func betweenHoursCase(r *rand.Rand, k *kindCase) {
	c := spec.Case{Now: k.Now, Kind: spec.Cron, Count: 1000}
	c.Crontab = fmt.Sprintf("%s * * * *", oneOf(r, fmt.Sprint(r.Intn(60)), "*/15", "0,30", "10-12"))
	if chance(r, 30) {
		c = k.job(r, spec.Daily, oneOf[uint](r, 1, 2), 100)
	}
	from, to := r.Intn(25), r.Intn(25)
	k.definition = ours.Definition(c)
	k.options = []gocron.JobOption{gocron.WithCalendar(gocron.BetweenHours(from, to))}
	k.theirs = []spec.Case{c}
	k.keeps = func(t time.Time) bool {
		for h := from % 24; ; h = (h + 1) % 24 { // all hours if both are the same
			if h == t.Hour() {
				return true
			}
			if (h+1)%24 == to%24 {
				return false
			}
		}
	}
}

func jobLocationCase(r *rand.Rand, k *kindCase) {
	zone := oneOf(r, evenZones...)
	k.options = []gocron.JobOption{gocron.WithJobLocation(spec.Location(zone))}
	if chance(r, 30) { // a job that lives there
		c := k.job(r, oneOf(r, spec.Daily, spec.Weekly, spec.Monthly), 1, 30)
		k.definition = ours.Definition(c)
		c.Now.Zone = zone
		if k.Start != nil {
			k.Start.At.Zone = zone
		}
		k.theirs = []spec.Case{c}
		return
	}
	c := k.job(r, spec.Cron, 1, 30)
	k.definition = ours.Definition(c)
	c.Crontab = "CRON_TZ=" + zone + " " + c.Crontab
	if chance(r, 20) { // which wins over the option
		k.definition = ours.Definition(c)
		k.options = []gocron.JobOption{gocron.WithJobLocation(spec.Location(oneOf(r, evenZones...)))}
	}
	k.theirs = []spec.Case{c}
}

func jitterCase(r *rand.Rand, k *kindCase) {
	k.jitter = oneOf(r, 1, time.Second, time.Minute, 20*time.Minute, 5*time.Hour)
	c := k.job(r, oneOf(r, spec.Cron, spec.Cron, spec.Daily, spec.Weekly), 1, 400)
	k.definition = ours.Definition(c)
	k.options = []gocron.JobOption{gocron.WithName(k.jobName()), gocron.WithJitter(k.jitter)}
	// What was due a little earlier may be ahead yet.
	c.Now = spec.FromTime(k.Now.Time().Add(-k.jitter), k.Now.Zone)
	k.theirs = []spec.Case{c}
}

func (k *kindCase) jobName() string { return fmt.Sprintf("job %d", k.ID) }

// delayed is when a time is due before the next one.
func (k *kindCase) delayed(t, next time.Time) time.Time {
	if k.isStart(t) {
		return t
	}
	most := k.jitter
	if gap := next.Sub(t); gap < most {
		most = gap
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%d", k.jobName(), t.UnixNano())
	return t.Add(time.Duration(h.Sum64() % uint64(most)))
}

func scheduleJobCase(r *rand.Rand, k *kindCase) {
	c := k.job(r, spec.Duration, 1, 30)
	first := k.anchor()
	k.definition = gocron.ScheduleJob(gocron.ScheduleFunc(func(after time.Time) time.Time {
		steps := after.Sub(first) / c.Min
		if first.Add(steps*c.Min).After(after) || after.Before(first) {
			steps--
		}
		return first.Add((steps + 1) * c.Min)
	}))
	k.theirs = []spec.Case{c}
}

func orNowCase(r *rand.Rand, k *kindCase) {
	k.Start = nil
	c := k.job(r, spec.OneTime, 1, 10)
	var times []time.Time
	for _, m := range c.Times { // which are distinct
		if times = append(times, m.Time()); !m.Time().After(k.Now.Time()) {
			k.late++ // the other side leaves it out
		}
	}
	k.definition = gocron.OneTimeJob(gocron.OneTimeJobStartDateTimesOrNow(times...))
	k.theirs = []spec.Case{c}
}

// A nominalTime is when a run is due, and when it would be without its delay.
type nominalTime struct{ due, nominal time.Time }

// expected are the times that the jobs of the other side say, and whether there are no more.
func (k *kindCase) expected(theirs []spec.Result) (times []nominalTime, all bool) {
	var found []time.Time
	var horizon time.Time
	for i, res := range theirs {
		runs := distinct(res.Runs)
		found = append(found, runs...)
		full := len(runs) == k.theirs[i].Count
		if full && (horizon.IsZero() || runs[len(runs)-1].Before(horizon)) {
			horizon = runs[len(runs)-1]
		}
	}
	found = tidy(found)
	if !horizon.IsZero() {
		found = found[:sort.Search(len(found), func(i int) bool { return found[i].After(horizon) })]
	}
	for i, t := range found {
		local := t.In(spec.Location(k.Now.Zone))
		if k.keeps == nil || k.keeps(local) {
			times = append(times, nominalTime{t, t})
		}
		if k.jitter > 0 && i+1 < len(found) {
			times[i].due = k.delayed(t, found[i+1])
		}
	}
	if k.jitter > 0 {
		times, all = k.bounded(times[:len(times)-1])
		return times, all
	}
	return times, horizon.IsZero()
}

// bounded are those that are ahead and, but for the delay, not beyond the stop time.
func (k *kindCase) bounded(times []nominalTime) (bounded []nominalTime, all bool) {
	for _, t := range times {
		if k.Stop != nil && t.nominal.After(k.Stop.Time()) {
			return bounded, true
		}
		if t.nominal.Year() > 2200 {
			break // nanoseconds are counted until 2262
		}
		if t.due.After(k.Now.Time()) && !t.nominal.Before(k.anchor().Add(-k.lookBack())) {
			bounded = append(bounded, t)
		}
	}
	return bounded, false
}

// lookBack is how long before what the case counts from an occurrence may have been.
func (k *kindCase) lookBack() time.Duration {
	if k.Start != nil && k.Start.How != spec.StartImmediately {
		return 0
	}
	return k.jitter
}

// distinct are the times of a list up to the first that is none, or is there already: the other side
// goes on so when there are no more.
func distinct(shown []string) (times []time.Time) {
	for i, s := range shown {
		if t := spec.Parse(s); !t.IsZero() && !contains(shown[:i], s) {
			times = append(times, t)
			continue
		}
		break
	}
	return times
}

func TestKinds(t *testing.T) {
	n := 540
	if *longFlag {
		n = 9000
	}
	w := newWorker(t, "theirs")
	t.Logf("-seed %d", *seedFlag)
	compared := map[string]int{}
	for id := 0; id < n; id++ {
		if *caseFlag >= 0 {
			id, n = *caseFlag, 0
		}
		k := newKindCase(*seedFlag, id)
		times, why := k.check(t, w, 0)
		if why != "" {
			times, why = k.check(t, w, 9) // it may have been one of waiting too short
		}
		if compared[k.name] += times; why != "" {
			t.Fatalf("-seed %d -case %d: %s: %s\n%s\ntheirs %s", *seedFlag, id, k.name, why, text(k.Case), text(k.theirs))
		}
	}
	for _, kind := range kinds {
		t.Logf("%6d times of %s", compared[kind.name], kind.name)
		if *caseFlag < 0 && compared[kind.name] < n/len(kinds) {
			t.Errorf("%s: %d times are not enough", kind.name, compared[kind.name])
		}
	}
}

// check compares one case. It returns how many times it has compared, and what is wrong.
func (k *kindCase) check(t *testing.T, w *worker, patience int) (int, string) {
	var results []spec.Result
	ran := false
	for _, c := range k.theirs {
		c.Patience = patience
		res, err := w.run(c, 5*deadline)
		if err != nil {
			t.Fatal(err)
		}
		if res.Err != "" || res.Wedged || res.Died != "" || res.Panic != "" {
			return 0, "theirs: " + text(res)
		}
		results = append(results, res)
		ran = ran || res.Ran
	}
	times, all := k.expected(results)
	if k.Start != nil && k.Start.How != spec.StartImmediately {
		at := k.Start.At.Time()
		ran = at.Equal(k.Now.Time()) && (k.keeps == nil || k.keeps(at))
	}
	early := k.late
	if ran {
		early++
	}
	if len(times) == 0 && !all {
		return 0, "" // they are all left out, for as long as theirs were asked for
	}
	return len(times), k.runOurs(times, all, early)
}
