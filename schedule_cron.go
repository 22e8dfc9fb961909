package gocron

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"
)

// CronJob defines a job that runs when crontab says, a line of five fields:
// minute, hour, day of the month, month, day of the week. withSeconds allows a
// sixth one in front, for seconds. Also allowed are @yearly, @monthly, @weekly,
// @daily, @hourly and "@every <duration>" (counted in whole seconds, at least
// one). If both days are restricted, either is enough.
//
// Times are those of the location of the job's start time or, without one, of
// the scheduler, unless crontab begins with TZ=<location> or CRON_TZ=<location>
// and a space. What happens when clocks are changed is told at
// DaylightSavingsTimePolicy.
//
// A crontab that cannot be read is refused with ErrCronJobParse, joined with an
// error that says why; one that never comes true, such as February 30, with
// ErrCronJobInvalid. WithCronImplementation replaces all this by a Cron of the
// user's, which then is all that reads crontab.
func CronJob(crontab string, withSeconds bool) JobDefinition {
	return &cronDefinition{crontab: crontab, withSeconds: withSeconds}
}

type cronDefinition struct {
	crontab     string
	withSeconds bool
}

func (c *cronDefinition) schedule(cfg scheduleConfig) (schedule, error) {
	switch implementation := cfg.cron.(type) {
	case nil:
		return newDefaultCron(c.withSeconds).accept(c.crontab, cfg)
	case *defaultCron:
		return implementation.accept(c.crontab, cfg)
	default:
		return newUserCron(c.crontab, cfg)
	}
}

// NewDefaultCron returns the Cron that cron jobs use by default, to check
// crontabs with or to ask for their times without a scheduler: IsValid returns
// the errors that NewJob would, and remembers a valid crontab, whose times Next
// then returns, in the location of its argument. Before that Next returns the
// zero time.
//
// Given to WithCronImplementation it decides, in place of CronJob's withSeconds,
// whether crontabs may have seconds; every job gets a schedule of its own.
func NewDefaultCron(cronStatementsIncludeSeconds bool) Cron {
	return newDefaultCron(cronStatementsIncludeSeconds)
}

type defaultCron struct {
	parser cron.Parser
	latest atomic.Pointer[defaultCronState]
}

type defaultCronState struct {
	schedule *cronSchedule
	location *time.Location
}

func newDefaultCron(withSeconds bool) *defaultCron {
	options := cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor
	if withSeconds {
		options |= cron.SecondOptional
	}
	return &defaultCron{parser: cron.NewParser(options)}
}

func (d *defaultCron) IsValid(crontab string, location *time.Location, now time.Time) error {
	_, err := d.accept(crontab, scheduleConfig{location: location, now: now})
	return err
}

func (d *defaultCron) Next(lastRun time.Time) time.Time {
	latest := d.latest.Load()
	if latest == nil {
		return time.Time{}
	}
	from := lastRun.In(latest.location)
	next := latest.schedule.next(from, from)
	if next.IsZero() {
		return next
	}
	return next.In(lastRun.Location())
}

// accept returns a new schedule for crontab, and remembers it for Next.
func (d *defaultCron) accept(crontab string, cfg scheduleConfig) (schedule, error) {
	s, err := d.parse(crontab)
	if err != nil {
		return nil, errors.Join(ErrCronJobParse, err)
	}
	s.shift = cfg.dst == DaylightSavingsTimeRunAfterTransition
	if cfg.location == nil {
		cfg.location = time.UTC
	}
	if now := cfg.now.In(cfg.location); s.next(now, now).IsZero() {
		return nil, ErrCronJobInvalid
	}
	d.latest.Store(&defaultCronState{schedule: s, location: cfg.location})
	return s, nil
}

func (d *defaultCron) parse(crontab string) (s *cronSchedule, err error) {
	defer func() {
		// The parser panics on a zone with nothing after it.
		if p := recover(); p != nil {
			err = fmt.Errorf("malformed crontab %q", crontab)
		}
	}()
	s = &cronSchedule{crontab: crontab}
	spec := crontab
	hasZone := strings.HasPrefix(crontab, "TZ=") || strings.HasPrefix(crontab, "CRON_TZ=")
	if !hasZone {
		// Any zone will do, it only makes the parser trim what follows. The
		// job's location is no use here: its name may not be one to load.
		spec = "TZ=UTC " + crontab
	}
	parsed, err := d.parser.Parse(spec)
	if err != nil {
		return nil, err
	}
	switch parsed := parsed.(type) {
	case cron.ConstantDelaySchedule:
		s.every = parsed.Delay
	case *cron.SpecSchedule:
		s.fields = crontabFields(*parsed)
		if hasZone && parsed.Location != time.Local {
			s.zone = parsed.Location
		}
	}
	return s, nil
}

// cronSchedule is a crontab read by the default Cron.
type cronSchedule struct {
	crontab string
	every   time.Duration  // of an "@every", whole seconds; else 0
	fields  crontabFields  // unless every is set
	zone    *time.Location // nil: the job's, which is also what Local stands for
	shift   bool
}

func (c *cronSchedule) next(anchor, t time.Time) time.Time {
	if c.every > 0 {
		// Without a monotonic reading: cron jobs go by the wall clock.
		anchor = anchor.Round(0).Add(-time.Duration(anchor.Nanosecond()))
		return nextInterval(anchor, t, c.every)
	}
	clock := wallClock{zone: c.zone, shift: c.shift, repeat: c.fields.everyHour()}
	if clock.zone == nil {
		clock.zone = anchor.Location()
	}
	return nextOnClock(clock, anchor, t, c.fields.firstFrom)
}

func (c *cronSchedule) public() JobSchedule {
	return CronJobSchedule{Crontab: c.crontab}
}

// crontabFields are bit sets, bit n for the number n. Location is not used.
type crontabFields cron.SpecSchedule

const (
	starBit  = 1 << 63 // in Dom and Dow: the field is not restricted
	everyBit = starBit - 1
	allHours = 1<<24 - 1

	// maxMonths bounds the search for a day. Every date but February 29 comes
	// every year, and that one within 8 years.
	maxMonths = 8*12 + 1
)

// everyHour tells whether the wall times differ in no way from plain instants.
func (c *crontabFields) everyHour() bool {
	return c.Hour&allHours == allHours
}

// keepsRealTime reports whether the times of a repeated hour come twice.
func (c *cronSchedule) keepsRealTime() bool { return c.every > 0 || c.fields.everyHour() }

// firstFrom returns the first wall time at or after from.
func (c *crontabFields) firstFrom(from wall) (wall, bool) {
	day, second := floorDiv(from, secondsPerDay), floorMod(from, secondsPerDay)
	on, ok := c.firstDay(day)
	if ok && on == day {
		if s, ok := c.firstSecond(second); ok {
			return day*secondsPerDay + s, true
		}
		on, ok = c.firstDay(day + 1)
	}
	if !ok {
		return 0, false
	}
	s, ok := c.firstSecond(0)
	return on*secondsPerDay + s, ok
}

// firstDay returns the first day at or after day, both numbered from 1970-01-01.
func (c *crontabFields) firstDay(day int64) (int64, bool) {
	var calendar months
	number := calendar.number(day)
	for last := number + maxMonths; number <= last; number++ {
		if c.Month&(1<<(floorMod(number, 12)+1)) == 0 {
			continue
		}
		first := calendar.firstDay(number)
		days := c.daysOf(first, calendar.firstDay(number+1)-first)
		if first < day {
			days &= everyBit << (day - first)
		}
		if days != 0 {
			return first + int64(bits.TrailingZeros64(days)), true
		}
	}
	return 0, false
}

// daysOf returns the days of the month of n days that begins on day first, the
// 1st in the lowest bit.
func (c *crontabFields) daysOf(first, n int64) uint64 {
	var byWeekday uint64
	weekday := floorMod(first-firstSunday, 7)
	for i := int64(0); i < n; i++ {
		if c.Dow&(1<<((weekday+i)%7)) != 0 {
			byWeekday |= 1 << i
		}
	}
	byDate := c.Dom >> 1 & (1<<n - 1)
	if (c.Dom|c.Dow)&starBit != 0 {
		return byDate & byWeekday
	}
	return byDate | byWeekday
}

// firstSecond returns the first second of the day at or after second.
func (c *crontabFields) firstSecond(second int64) (int64, bool) {
	hour, minute, second := second/3600, second/60%60, second%60
	for ; ; hour, minute, second = hour+1, 0, 0 {
		h := firstBit(c.Hour, hour)
		if h < 0 {
			return 0, false
		}
		if h > hour {
			hour, minute, second = h, 0, 0
		}
		if s, ok := c.firstSecondOfHour(minute, second); ok {
			return hour*3600 + s, true
		}
	}
}

// firstSecondOfHour is firstSecond within one hour.
func (c *crontabFields) firstSecondOfHour(minute, second int64) (int64, bool) {
	for ; ; minute, second = minute+1, 0 {
		m := firstBit(c.Minute, minute)
		if m < 0 {
			return 0, false
		}
		if m > minute {
			minute, second = m, 0
		}
		if s := firstBit(c.Second, second); s >= 0 {
			return minute*60 + s, true
		}
	}
}

// firstBit returns the lowest number from the given one on that is in set, or -1.
func firstBit(set uint64, from int64) int64 {
	set &= everyBit << from & everyBit
	if set == 0 {
		return -1
	}
	return int64(bits.TrailingZeros64(set))
}
