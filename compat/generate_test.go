package compat

import (
	"fmt"
	"math/rand"
	"time"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// zones have every kind of clock change: by an hour, half an hour and two hours,
// at night, at midnight, in winter, and none.
var zones = []string{
	"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Europe/Dublin", "Africa/Casablanca",
	"Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham", "Antarctica/Troll",
	"Africa/Cairo", "Asia/Beirut", "Europe/London", "America/Los_Angeles", "fixed19800", "fixed-12600",
}

// midnightWest are zones west of Greenwich whose clocks go forward at midnight.
var midnightWest = []string{"America/Santiago", "America/Havana"}

func oneOf[T any](r *rand.Rand, all ...T) T { return all[r.Intn(len(all))] }

func chance(r *rand.Rand, percent int) bool { return r.Intn(100) < percent }

// scheduleCase makes the case of that number under that seed, whatever cases
// come before it.
func scheduleCase(seed int64, id int) spec.Case {
	r := rand.New(rand.NewSource(seed<<20 + int64(id)))
	zone := oneOf(r, zones...)
	if chance(r, 2) {
		zone = oneOf(r, midnightWest...)
	}
	now := instant(r, zone)
	c := spec.Case{ID: id, Now: spec.FromTime(now, zone), Count: 20, Late: chance(r, 30)}
	define(r, &c)
	if chance(r, 30) {
		c.DST = 1 + r.Intn(2)
	}
	bound(r, &c)
	if chance(r, 8) {
		c.Steps = 3
	}
	if c.Kind == spec.OneTime && !c.Late && c.Start == nil && c.Stop == nil && chance(r, 30) {
		c.Idle = duration(r)
		if first := c.Times[0].Time().Sub(c.Now.Time()); !c.Instant && first > 0 && chance(r, 30) {
			c.Idle = first
		}
	}
	if c.Kind == spec.Cron {
		rewrite(rand.New(rand.NewSource(seed<<20+int64(id)+1<<42)), &c)
	}
	return c
}

// instant is a moment near something that calendars get wrong.
func instant(r *rand.Rand, zone string) time.Time {
	loc := spec.Location(zone)
	t := time.Date(2020+r.Intn(16), time.Month(1+r.Intn(12)), 1+r.Intn(28), r.Intn(24), r.Intn(60), r.Intn(60), 0, loc)
	switch r.Intn(6) {
	case 0, 1:
		if change, ok := nextChange(t); ok {
			t = change.Add(time.Duration(r.Intn(50*3600)-48*3600) * time.Second)
		}
	case 2:
		t = time.Date(t.Year(), t.Month()+1, 0, t.Hour(), t.Minute(), t.Second(), 0, loc)
	case 3:
		t = time.Date(oneOf(r, 2024, 2028, 2023, 2100), 2, 27+r.Intn(3), t.Hour(), t.Minute(), t.Second(), 0, loc)
	case 4:
		t = time.Date(t.Year(), 12, 30+r.Intn(3), t.Hour(), t.Minute(), t.Second(), 0, loc)
	}
	if chance(r, 30) {
		t = t.Truncate(time.Hour)
	}
	if chance(r, 20) {
		t = t.Add(time.Duration(r.Intn(1e9)))
	}
	return t.In(loc)
}

func define(r *rand.Rand, c *spec.Case) {
	c.Kind = oneOf(r, spec.Cron, spec.Cron, spec.Duration, spec.Random, spec.Daily, spec.Daily, spec.Weekly, spec.Monthly, spec.Monthly, spec.OneTime)
	c.Interval = 1
	if chance(r, 50) {
		c.Interval = uint(1 + r.Intn(13))
	}
	defineKind(r, c)
}

// defineKind draws the rest of a definition.
func defineKind(r *rand.Rand, c *spec.Case) {
	switch c.Kind {
	case spec.Cron:
		c.Crontab, c.Seconds = crontab(r)
		if change, ok := nextChange(c.Now.Time()); ok && chance(r, 25) {
			c.Crontab, c.Seconds = crontabAt(r, change), false
		}
	case spec.Duration:
		c.Min = duration(r)
	case spec.Random:
		c.Min = duration(r)
		c.Max = c.Min + duration(r)
	case spec.OneTime:
		c.Instant = chance(r, 20)
		c.Times = moments(r, c.Now)
	default:
		for n := 1 + r.Intn(3); n > 0; n-- {
			c.Ats.Times = append(c.Ats.Times, at(r, c.Now))
		}
		for n := 1 + r.Intn(3); n > 0; n-- {
			c.Weekdays.Values = append(c.Weekdays.Values, r.Intn(7))
			c.Days.Values = append(c.Days.Values, day(r))
		}
		possible(r, c)
	}
}

// moments are instants around now, one of them at least in the future and no two
// the same: lists with one twice have a case of their own.
func moments(r *rand.Rand, now spec.Moment) []spec.Moment {
	all := []spec.Moment{after(r, now, 0)}
	if chance(r, 20) {
		all = append(all, now)
	}
	for n := 1 + r.Intn(5); n > 0; n-- {
		m := after(r, now, -30)
		if !contains(times(all), m.Unix) {
			all = append(all, m)
		}
	}
	r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	return all
}

func times(all []spec.Moment) []int64 {
	var out []int64
	for _, m := range all {
		out = append(out, m.Unix)
	}
	return out
}

func at(r *rand.Rand, now spec.Moment) spec.At {
	h := uint(r.Intn(24))
	if chance(r, 50) {
		h = uint(r.Intn(4))
	}
	a := spec.At{H: h, M: oneOf(r, 0, 0, 30, uint(r.Intn(60))), S: oneOf(r, 0, 0, uint(r.Intn(60)))}
	if change, ok := nextChange(now.Time()); ok && chance(r, 40) {
		w := wallAt(r, change)
		a.H, a.M = uint(w.Hour()), uint(w.Minute())
	}
	return a
}

// wallAt is what a wall shows about when the clock is changed.
func wallAt(r *rand.Rand, change time.Time) time.Time {
	return toWall(change.Add(-1), change.Location()).Add(time.Duration(r.Intn(150)-75) * time.Minute)
}

// nextChange is when the clock is put forward or back next.
func nextChange(t time.Time) (time.Time, bool) {
	_, end := t.ZoneBounds()
	return end.In(t.Location()), !end.IsZero()
}

func day(r *rand.Rand) int {
	d := oneOf(r, 1+r.Intn(31), 1, 28, 29, 30, 31)
	if chance(r, 30) {
		d = -d
	}
	return d
}

// possible adds a day that every month has to a definition that might never
// fire: one of those wedges the other side, and has cases of its own.
func possible(r *rand.Rand, c *spec.Case) {
	for _, d := range c.Days.Values {
		if d >= -28 && d <= 28 {
			return
		}
	}
	if c.Interval > 1 {
		c.Days.Values = append(c.Days.Values, 1+r.Intn(28))
	}
}

func duration(r *rand.Rand) time.Duration {
	return oneOf(r, time.Hour, 24*time.Hour, time.Minute, 90*time.Second, time.Duration(1+r.Intn(1e6))*time.Millisecond, time.Duration(1+r.Intn(400))*time.Hour)
}

// after is a moment some time after m, or before it when from is negative: that
// many percent of its whole span.
func after(r *rand.Rand, m spec.Moment, from int) spec.Moment {
	span := oneOf(r, 3600, 86400, 40*86400)
	zone := m.Zone
	if chance(r, 30) {
		zone = oneOf(r, zones...)
	}
	offset := int64(1+r.Intn(span)) + int64(span*from/100)
	if chance(r, 30) {
		offset -= offset % 3600
	}
	if from == 0 && offset == 0 {
		offset = 1
	}
	return spec.Moment{Unix: m.Unix + offset, Nano: m.Nano, Zone: zone}
}

func bound(r *rand.Rand, c *spec.Case) {
	how := r.Intn(10)
	if c.Instant {
		how %= 6
	}
	switch how {
	case 0, 1:
		c.Start = &spec.Start{How: spec.StartImmediately}
	case 2:
		c.Start = &spec.Start{How: spec.StartAt, At: after(r, c.Now, 0)}
	case 3:
		m := after(r, c.Now, 0)
		m.Unix = 2*c.Now.Unix - m.Unix
		c.Start = &spec.Start{How: spec.StartPast, At: m}
	case 4:
		c.Start = &spec.Start{How: oneOf(r, spec.StartAt, spec.StartPast), At: c.Now}
	}
	if chance(r, 15) {
		m := stop(r, *c)
		c.Stop = &m
		c.Swap = chance(r, 50)
	}
}

// stop is a stop time after the start, often that of a run.
func stop(r *rand.Rand, c spec.Case) spec.Moment {
	if c.Kind != spec.Random && chance(r, 40) {
		if runs := predict(c, 10).runs; len(runs) > 0 {
			return spec.FromTime(runs[r.Intn(len(runs))], c.Now.Zone)
		}
	}
	if c.Start != nil && c.Start.How == spec.StartAt {
		return after(r, c.Start.At, 0)
	}
	return after(r, c.Now, 0)
}

// crontabAt is one with times about when the clock is changed.
func crontabAt(r *rand.Rand, change time.Time) string {
	w := wallAt(r, change)
	day := oneOf(r, "*", "*/2", fmt.Sprint(w.Day()))
	return oneOf(r, fmt.Sprintf("%d %d %s * *", w.Minute(), w.Hour(), day), fmt.Sprintf("*/15 %d %s * *", w.Hour(), day),
		"0 * * * *", "*/30 0-23 * * *", "@every 1h")
}

func crontab(r *rand.Rand) (string, bool) {
	if chance(r, 20) {
		tab := oneOf(r, "@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually",
			fmt.Sprintf("@every %dm", 1+r.Intn(200)), fmt.Sprintf("@every %ds", 1+r.Intn(5000)), "@every 1h", "@every 24h")
		return tab, chance(r, 50)
	}
	minute := oneOf(r, "0", "30", "*", "*/15", "*/7", "0,30", "5-10", fmt.Sprint(r.Intn(60)))
	hour := oneOf(r, "*", "*/2", "0", "1", "2", "3", "0-23", "9-17", "1,2,3", fmt.Sprint(r.Intn(24)))
	dom := oneOf(r, "*", "*", "*", "?", "1", "15", "29", "31", "1,15", "10-20", "*/10")
	month := oneOf(r, "*", "*", "*", "*/3", "JAN", "3,10", "1-6", "FEB")
	dow := oneOf(r, "*", "*", "*", "?", "0", "MON-FRI", "SAT,SUN", "1,3,5", "6")
	if dom == "31" && month == "FEB" {
		dom = "28"
	}
	tab := fmt.Sprintf("%s %s %s %s %s", minute, hour, dom, month, dow)
	seconds := chance(r, 20)
	if seconds && chance(r, 80) {
		tab = oneOf(r, "0", "30", "*/20", fmt.Sprint(r.Intn(60))) + " " + tab
	}
	if chance(r, 20) {
		tab = oneOf(r, "CRON_TZ=", "TZ=") + oneOf(r, zones[:16]...) + " " + tab
	}
	return tab, seconds
}
