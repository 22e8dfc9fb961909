package gocron

import "time"

// A rewinder is a schedule whose occurrences count from its anchor and later. When the clock is set
// back before that, they have to count from an earlier one.
type rewinder interface {
	// rewind returns an anchor before t, which is before anchor, that keeps the phase.
	rewind(anchor, t time.Time) time.Time
}

// rewound is anchor or, if that is not before t, one before t with the same phase.
func rewound(s schedule, anchor, t time.Time) time.Time {
	if r, can := s.(rewinder); can && !anchor.Before(t) {
		return r.rewind(anchor, t)
	}
	return anchor
}

func (d *durationSchedule) rewind(anchor, t time.Time) time.Time {
	return rewindInterval(anchor, t, d.duration)
}

func (c *cronSchedule) rewind(anchor, t time.Time) time.Time {
	if c.every > 0 {
		return rewindInterval(anchor, t, c.every)
	}
	return t.Add(-1).In(anchor.Location()) // a crontab has no phase
}

// rewindInterval takes whole intervals off anchor. One further from t than a Duration can say is
// brought that near first, which loses the phase.
func rewindInterval(anchor, t time.Time, d time.Duration) time.Time {
	back := anchor.Sub(t)
	rest := back % d
	return t.Add(rest - d).In(anchor.Location())
}

func (d *dailySchedule) rewind(anchor, t time.Time) time.Time {
	return d.calendar.rewind(anchor, t, singleDays{})
}

func (w *weeklySchedule) rewind(anchor, t time.Time) time.Time {
	return w.calendar.rewind(anchor, t, w.weeks)
}

func (m *monthlySchedule) rewind(anchor, t time.Time) time.Time {
	return m.calendar.rewind(anchor, t, m.months)
}

func (m *monthlyWeekdaySchedule) rewind(anchor, t time.Time) time.Time {
	return m.calendar.rewind(anchor, t, m.months)
}

// rewind returns a time in the last period before the one of t that is a multiple of interval
// before the one of anchor.
func (c *calendar) rewind(anchor, t time.Time, p periods) time.Time {
	zone := anchor.Location()
	number := func(t time.Time) int64 {
		return p.number(floorDiv(t.Unix()+offsetAt(zone, t.Unix()), secondsPerDay))
	}
	start, before := number(anchor), number(t)-1
	step := int64(min(uint64(c.interval), beyondCalendar))
	start -= (start - before + step - 1) / step * step
	return time.Date(1970, time.January, 1+int(p.firstDay(start)), 12, 0, 0, 0, zone)
}
