package gocron

import (
	"fmt"
	"math/bits"
	"sync/atomic"
	"time"
)

// CronJob defines a job that runs when crontab says, a line of five fields with
// spaces between them. withSeconds allows a sixth one in front, for seconds.
//
//	field             numbers  names
//	second            0-59     (only if withSeconds is set; without it, 0)
//	minute            0-59
//	hour              0-23
//	day of the month  1-31
//	month             1-12     jan-dec
//	day of the week   0-6      sun-sat
//
// A field is one of these, or a list of them with commas. Names may be written in
// upper case.
//
//   - or  ?          every number
//     5                 this number
//     2-6               these and what lies between them
//     */10              every tenth number, from the lowest on
//     5/10              every tenth number, from 5 to the highest
//     2-6/2             every second number of the range
//
// A step is at least 1, and at most the count of the field's numbers. If both days
// are restricted, either is enough; * and */1 do not restrict them. In place of the
// fields there may be a word, in lower case:
//
//	@yearly, @annually     0 0 1 1 *
//	@monthly               0 0 1 * *
//	@weekly                0 0 * * 0
//	@daily, @midnight      0 0 * * *
//	@hourly                0 * * * *
//	@every <duration>      at least a second, counted in whole seconds
//
// Times are those of the location of the scheduler, unless crontab begins with
// TZ=<location> or CRON_TZ=<location> and a space. What happens when clocks are
// changed is told at DaylightSavingsTimePolicy.
//
// A crontab that cannot be read is refused with an error that Is ErrCronJobParse
// and says why; one that never comes true, such as February 30, with
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
		return newDefaultCron(c.withSeconds).accept(c.crontab, cfg, cfg.jobName())
	case *defaultCron:
		return implementation.accept(c.crontab, cfg, "")
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
	withSeconds bool
	latest      atomic.Pointer[defaultCronState]
}

type defaultCronState struct {
	schedule *cronSchedule
	location *time.Location
}

func newDefaultCron(withSeconds bool) *defaultCron {
	return &defaultCron{withSeconds: withSeconds}
}

func (d *defaultCron) IsValid(crontab string, location *time.Location, now time.Time) error {
	_, err := d.accept(crontab, scheduleConfig{location: location, now: now}, "")
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
func (d *defaultCron) accept(crontab string, cfg scheduleConfig, jobName string) (schedule, error) {
	parsed, err := parseCrontab(crontab, d.withSeconds, jobName)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCronJobParse, err)
	}
	s := &cronSchedule{line: crontab, crontab: *parsed, shift: cfg.dst == DaylightSavingsTimeRunAfterTransition}
	if cfg.location == nil {
		cfg.location = time.UTC
	}
	if now := cfg.now.In(cfg.location); s.next(now, now).IsZero() {
		return nil, ErrCronJobInvalid
	}
	d.latest.Store(&defaultCronState{schedule: s, location: cfg.location})
	return s, nil
}

// cronSchedule is a crontab read by the default Cron.
type cronSchedule struct {
	crontab
	line  string // as given
	shift bool
}

func (c *cronSchedule) next(anchor, t time.Time) time.Time {
	if c.every > 0 {
		// Without a monotonic reading: cron jobs go by the wall clock.
		anchor = anchor.Round(0).Add(-time.Duration(anchor.Nanosecond()))
		return nextInterval(anchor, t, c.every)
	}
	clock := wallClock{zone: c.zone, shift: c.shift, repeat: c.fields.realTime()}
	if clock.zone == nil {
		clock.zone = anchor.Location()
	}
	return nextOnClock(clock, anchor, t, c.fields.firstFrom)
}

func (c *cronSchedule) public() JobSchedule {
	return CronJobSchedule{Crontab: c.line}
}

const (
	allHours = 1<<24 - 1

	// maxMonths bounds the search for a day. What comes most seldom is a fifth weekday
	// in February: within 40 years.
	maxMonths = 40*12 + 1
)

// keepsRealTime reports whether the times of a repeated hour come twice.
func (c *cronSchedule) keepsRealTime() bool { return c.every > 0 || c.fields.realTime() }

// realTime tells whether the wall times differ in no way from plain instants: in
// every hour, or as often as the minutes of a star come.
func (c *crontabFields) realTime() bool {
	return c.hour&allHours == allHours || c.minute&starBit != 0
}

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
	number := months{}.number(day)
	if c.years == nil {
		return c.firstDayWithin(number, maxMonths, day)
	}
	for {
		// Of an open year no more than the first may have no day left.
		year, ok := c.years.open.from(floorDiv(number, 12))
		if !ok {
			return 0, false
		}
		end := year*12 + 12
		number = max(number, year*12)
		if on, ok := c.firstDayWithin(number, end-number, day); ok {
			return on, true
		}
		number = end
	}
}

// firstDayWithin is firstDay within n months, whatever their year.
func (c *crontabFields) firstDayWithin(number, n, day int64) (int64, bool) {
	var calendar months
	for end := number + n; number < end; number++ {
		if c.month&(1<<(floorMod(number, 12)+1)) == 0 {
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
	weekday := floorMod(first-firstSunday, 7)
	byWeekday, byDate := c.daysByWeekday(weekday, n), c.daysByDate(weekday, n)
	if (c.date|c.weekday)&starBit != 0 {
		return byDate & byWeekday
	}
	return byDate | byWeekday
}

// daysByWeekday returns the days that the field of the weekday names in a month of n
// days of which the first is a weekday.
func (c *crontabFields) daysByWeekday(weekday, n int64) (days uint64) {
	for i := int64(0); i < n; i++ {
		on := (weekday + i) % 7
		named := c.weekday&(1<<on) != 0 || c.weekdays&weekdayBit(i/7, on) != 0
		if named || i+7 >= n && c.weekdays&weekdayBit(lastWeek, on) != 0 {
			days |= 1 << i
		}
	}
	return days
}

// daysByDate is daysByWeekday for the field of the day of the month.
func (c *crontabFields) daysByDate(weekday, n int64) uint64 {
	days := c.date >> 1 & (1<<n - 1)
	for set := c.fromEnd & (1<<n - 1); set != 0; set &= set - 1 {
		days |= 1 << (n - 1 - int64(bits.TrailingZeros64(set)))
	}
	for set := c.nearest & (1<<(n+1) - 1); set != 0; set &= set - 1 {
		date := int64(bits.TrailingZeros64(set))
		if date == 0 {
			date = n
		}
		days |= 1 << (nearestWeekday(weekday, n, date) - 1)
	}
	return days
}

// nearestWeekday returns the date, in a month of n days of which the first is a
// weekday, of the day from Monday to Friday that is nearest to date.
func nearestWeekday(weekday, n, date int64) int64 {
	switch time.Weekday((weekday + date - 1) % 7) {
	case time.Saturday:
		if date == 1 {
			return 3
		}
		return date - 1
	case time.Sunday:
		if date == n {
			return date - 2
		}
		return date + 1
	}
	return date
}

// firstSecond returns the first second of the day at or after second.
func (c *crontabFields) firstSecond(second int64) (int64, bool) {
	hour, minute, second := second/3600, second/60%60, second%60
	for ; ; hour, minute, second = hour+1, 0, 0 {
		h := firstBit(c.hour, hour)
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
		m := firstBit(c.minute, minute)
		if m < 0 {
			return 0, false
		}
		if m > minute {
			minute, second = m, 0
		}
		if s := firstBit(c.second, second); s >= 0 {
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
