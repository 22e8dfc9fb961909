package compat

import (
	"sort"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// The model says when a case must run, in the plainest way there is: list every
// wall time of the calendar, turn each into an instant, sort. It is slow, knows
// nothing of either scheduler, and is the judge where the two differ.
type model struct {
	ran  bool        // once at the very start
	runs []time.Time // after the start
}

// predict lists the runs of a case that is accepted, all of them when there are
// fewer than most.
func predict(c spec.Case, most int) model {
	now := c.Now.Time().Add(c.Idle)
	m := model{ran: c.Instant}
	anchor, from := now, now
	var first []time.Time
	if c.Start != nil {
		at := c.Start.At.Time()
		switch {
		case c.Start.How == spec.StartImmediately:
			m.ran = true
		case at.After(now):
			anchor, from, first = at, at, []time.Time{at}
		case at.Equal(now):
			anchor, from, m.ran = at, at, true
		default:
			anchor = at
		}
	}
	all := append(first, following(c, anchor, from, most+2)...)
	if len(all) > 0 && all[0].Equal(now) {
		m.ran, all = true, all[1:]
	}
	if c.Stop != nil {
		stop := c.Stop.Time()
		all = all[:sort.Search(len(all), func(i int) bool { return all[i].After(stop) })]
	}
	if len(all) > most {
		all = all[:most]
	}
	m.runs = all
	return m
}

// following are the n first runs after from of a job that started at anchor, in
// anchor's zone; those of a crontab in the scheduler's.
func following(c spec.Case, anchor, from time.Time, n int) []time.Time {
	switch c.Kind {
	case spec.Duration:
		return every(c.Min, anchor, from, n)
	case spec.OneTime:
		return listed(c, from)
	case spec.Cron:
		return crontabRuns(c, anchor, from, n)
	default:
		return calendar(c, anchor, from, n)
	}
}

func every(d time.Duration, anchor, from time.Time, n int) []time.Time {
	k := from.Sub(anchor)/d + 1
	var all []time.Time
	for ; len(all) < n; k++ {
		all = append(all, anchor.Add(k*d))
	}
	return all
}

func listed(c spec.Case, from time.Time) []time.Time {
	var all []time.Time
	for _, m := range c.Times {
		t := m.Time()
		atStart := c.Idle > 0 && t.Equal(from) // it is due, but not when the job is made at that moment
		if !c.Instant && (t.After(from) || atStart) {
			all = append(all, t)
		}
	}
	return tidy(all)
}

// tidy sorts and drops what comes twice.
func tidy(all []time.Time) []time.Time {
	sort.SliceStable(all, func(i, k int) bool { return all[i].Before(all[k]) })
	var out []time.Time
	for _, t := range all {
		if len(out) == 0 || !t.Equal(out[len(out)-1]) {
			out = append(out, t)
		}
	}
	return out
}

// A wall is what a clock on a wall shows, kept as if it were in Greenwich.
type wall time.Time

func (w wall) minus(offset int) time.Time {
	return time.Time(w).Add(-time.Duration(offset) * time.Second)
}

// instants are the moments a wall shows that time in a zone: none, one or two.
// Where there is none, shifted is the moment it would be had the clock not been
// put forward.
func (w wall) instants(loc *time.Location) (all []time.Time, shifted time.Time) {
	guess := w.minus(offset(time.Time(w), loc))
	before, after := offset(guess.Add(-slack), loc), offset(guess.Add(slack), loc)
	early, late := w.minus(before).In(loc), w.minus(after).In(loc)
	if offset(early, loc) == before {
		all = append(all, early)
	}
	if before != after && offset(late, loc) == after {
		all = append(all, late)
	}
	if len(all) == 0 {
		shifted = early
	}
	return all, shifted
}

func offset(t time.Time, loc *time.Location) int {
	_, offset := t.In(loc).Zone()
	return offset
}

// resolve applies a policy to one wall time of a fixed schedule.
func (w wall) resolve(loc *time.Location, afterGap bool) []time.Time {
	all, shifted := w.instants(loc)
	switch {
	case len(all) > 0:
		return all[:1]
	case afterGap && !shifted.IsZero():
		return []time.Time{shifted}
	}
	return nil
}

// The policies that a case may ask for.
const (
	skip     = 1
	runAfter = 2
)

// slack is more than any clock is ever put forward or back.
const slack = 4 * time.Hour

// toWall is what a wall shows in the zone at that moment.
func toWall(t time.Time, loc *time.Location) time.Time {
	return t.UTC().Add(time.Duration(offset(t, loc)) * time.Second)
}

// enough sorts what was found so far and tells whether the n first of it after
// from are certain, all wall times before reached having been looked at.
func enough(all []time.Time, from time.Time, n int, reached time.Time, loc *time.Location) ([]time.Time, bool) {
	all = tidy(all)
	all = all[sort.Search(len(all), func(i int) bool { return all[i].After(from) }):]
	return all, len(all) >= n && toWall(all[n-1], loc).Add(slack).Before(reached)
}

func calendar(c spec.Case, anchor, from time.Time, n int) []time.Time {
	loc := anchor.Location()
	y, m, d := anchor.Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	first := day
	var all []time.Time
	check := 32
	for i := 0; ; i++ {
		if counts(c, first, day) {
			for _, at := range c.Ats.Times {
				w := wall(day.Add(time.Duration(at.H)*time.Hour + time.Duration(at.M)*time.Minute + time.Duration(at.S)*time.Second))
				all = append(all, w.resolve(loc, c.DST != skip)...)
			}
		}
		day = day.AddDate(0, 0, 1)
		if i < check && day.Year() <= from.Year()+60 {
			continue
		}
		found, ok := enough(afterAnchor(all, anchor), from, n, day, loc)
		if ok || i < check {
			return found
		}
		check *= 2
	}
}

func afterAnchor(all []time.Time, anchor time.Time) []time.Time {
	var out []time.Time
	for _, t := range all {
		if t.After(anchor) {
			out = append(out, t)
		}
	}
	return out
}

// counts tells whether a schedule that started on the day first has the day.
func counts(c spec.Case, first, day time.Time) bool {
	switch c.Kind {
	case spec.Daily:
		return uint(day.Sub(first)/(24*time.Hour))%c.Interval == 0
	case spec.Weekly:
		week := first.AddDate(0, 0, -int(first.Weekday()))
		return uint(day.Sub(week)/(7*24*time.Hour))%c.Interval == 0 && contains(c.Weekdays.Values, int(day.Weekday()))
	default:
		months := uint(12*(day.Year()-first.Year()) + int(day.Month()) - int(first.Month()))
		last := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		return months%c.Interval == 0 && (contains(c.Days.Values, day.Day()) || contains(c.Days.Values, day.Day()-last-1))
	}
}

func contains[T comparable](all []T, one T) bool {
	for _, v := range all {
		if v == one {
			return true
		}
	}
	return false
}

// parse reads the crontab of a case as a table in Greenwich; nil stands for one
// that names a fixed delay.
func parse(c spec.Case) (*cron.SpecSchedule, error) {
	parsed, err := parser(c).Parse(c.Crontab)
	if err != nil {
		return nil, err
	}
	table, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, nil
	}
	table.Location = time.UTC
	return table, nil
}

func parser(c spec.Case) cron.Parser {
	fields := cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor
	if c.Seconds {
		fields |= cron.SecondOptional
	}
	return cron.NewParser(fields)
}

func crontabRuns(c spec.Case, anchor, from time.Time, n int) []time.Time {
	table, err := parse(c)
	if err != nil {
		return nil
	}
	if table == nil {
		delay, _ := parser(c).Parse(c.Crontab)
		return show(every(delay.(cron.ConstantDelaySchedule).Delay, anchor.Truncate(time.Second), from, n), c)
	}
	loc := home(c)
	w := table.Next(toWall(from, loc).Add(-slack))
	var all []time.Time
	check := 32
	for i := 0; !w.IsZero() && w.Year() <= from.Year()+150; i++ {
		all = append(all, crontabInstants(c, table, wall(w), loc)...)
		w = nextWall(table, w)
		if i < check {
			continue
		}
		if found, ok := enough(all, from, n, w, loc); ok {
			return show(found, c)
		}
		check *= 2
	}
	found, _ := enough(all, from, n, w, loc)
	return show(found, c)
}

// nextWall goes on where the table gives up: it looks five years ahead, and leap
// days may be eight years apart.
func nextWall(table *cron.SpecSchedule, w time.Time) time.Time {
	next := table.Next(w)
	if next.IsZero() {
		next = table.Next(w.AddDate(4, 0, 0))
	}
	return next
}

// show gives the times of a crontab in the scheduler's zone.
func show(all []time.Time, c spec.Case) []time.Time {
	for i := range all {
		all[i] = all[i].In(spec.Location(c.Now.Zone))
	}
	return all
}

func crontabZone(tab string) (*time.Location, bool) {
	zone, _, _ := strings.Cut(tab, " ")
	_, name, ok := strings.Cut(zone, "=")
	if !ok {
		return nil, false
	}
	return spec.Location(name), true
}

// everyHour has the bits of all 24 hours.
const everyHour = 1<<24 - 1

func crontabInstants(c spec.Case, table *cron.SpecSchedule, w wall, loc *time.Location) []time.Time {
	if keepsRealTime(c, table) {
		if all, _ := w.instants(loc); len(all) > 0 {
			return all
		}
	}
	return w.resolve(loc, c.DST == runAfter)
}

// keepsRealTime tells whether a crontab goes on through an hour that comes twice: it
// names every hour, or steps through the minutes.
func keepsRealTime(c spec.Case, table *cron.SpecSchedule) bool {
	fields := strings.Fields(c.Crontab)
	return table.Hour&everyHour == everyHour || len(fields) >= 5 && strings.HasPrefix(fields[len(fields)-5], "*")
}
