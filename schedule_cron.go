package gocron

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// CronJob defines a job that is due when a crontab says. A crontab has five fields with spaces
// between them. With withSeconds it has a sixth field in front, for seconds, and may have a seventh
// at the end, for years.
//
//	field             numbers    names
//	second            0-59       (only with withSeconds; without it, 0)
//	minute            0-59
//	hour              0-23
//	day of the month  1-31
//	month             1-12       jan-dec
//	day of the week   0-7        sun-sat (7 is Sunday alone or at the end of a range)
//	year              1970-9999  (only with withSeconds; without it, every year)
//
// A field is one of the following, or several of them with commas between. You may write names, L
// and W in upper or lower case.
//
//	written           means
//	* or ?            every number
//	5                 this number
//	2-6               2, 3, 4, 5, 6
//	22-2              22, 23, 0, 1, 2: ranges wrap, except for years
//	*/10              every tenth number, from the lowest on
//	5/10              every tenth number, from 5 to the highest
//	2-6/2             every second number of the range
//
//	in the day of the month
//	L                 the last day
//	L-3               the third day before the last
//	15W               the day from Monday to Friday nearest to the 15th, in the same month
//	LW                the last day from Monday to Friday
//
//	in the day of the week
//	5L                the last Friday of the month
//	5#2               the second Friday of the month
//
//	in all fields but the year, for jobs with WithName
//	H                 one number, chosen by the job's name; for the day of the month, 1 to 28
//	H(2-6)            one number of the range, chosen by the job's name
//	H/10, H(2-6)/2    every tenth or second number, from a chosen one on
//
// H spreads jobs over time. A job keeps its numbers as long as it keeps its name. A step is at
// least 1, and at most how many numbers the field has. Months without the day are skipped. If both
// the day of the month and the day of the week are restricted, a day that matches either of them
// counts; * and */1 do not restrict. Instead of the fields there may be a word, in lower case:
//
//	@yearly, @annually     0 0 1 1 *
//	@monthly               0 0 1 * *
//	@weekly                0 0 * * 0
//	@daily, @midnight      0 0 * * *
//	@hourly                0 * * * *
//	@every <duration>      at least a second, counted in whole seconds
//
// The job uses the time zone of WithJobLocation, else the scheduler's. A crontab that begins with
// CRON_TZ=<zone> or TZ=<zone> and a space uses that zone. DaylightSavingsTimePolicy and
// DaylightSavingsTimeOverlap say what happens when clocks change.
//
// A crontab that cannot be read is refused with an error that Is ErrCronJobParse and says what is
// wrong. A crontab that names no time, such as February 30, is refused with ErrCronJobInvalid. With
// WithCronImplementation a Cron of yours reads the crontab instead, and none of this applies.
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
		return newCronSchedule(c.crontab, c.withSeconds, cfg, cfg.jobName())
	case *defaultCron:
		return implementation.accept(c.crontab, cfg)
	default:
		return newUserCron(c.crontab, cfg)
	}
}

// NewDefaultCron returns the Cron that reads the crontabs of CronJob. You can use it without a
// scheduler: IsValid returns the error that NewJob would, and remembers a valid crontab. Next then
// returns its times, in the time zone of its argument; before that, it returns the zero time.
//
// If you give it to WithCronImplementation, cronStatementsIncludeSeconds decides whether crontabs
// have seconds, instead of CronJob's withSeconds. Jobs that share it still have separate schedules.
// It refuses H, since it does not know the job's name.
func NewDefaultCron(cronStatementsIncludeSeconds bool) Cron {
	return &defaultCron{withSeconds: cronStatementsIncludeSeconds}
}

type defaultCron struct {
	withSeconds bool
	latest      atomic.Pointer[defaultCronState] // nil until a crontab was valid
}

type defaultCronState struct {
	schedule schedule
	location *time.Location
}

func (d *defaultCron) IsValid(crontab string, location *time.Location, now time.Time) error {
	if location == nil {
		location = time.UTC
	}
	_, err := d.accept(crontab, scheduleConfig{location: location, now: now.In(location)})
	return err
}

// accept returns a new schedule for crontab, and remembers it for Next.
func (d *defaultCron) accept(crontab string, cfg scheduleConfig) (schedule, error) {
	s, err := newCronSchedule(crontab, d.withSeconds, cfg, "")
	if err == nil {
		d.latest.Store(&defaultCronState{schedule: s, location: cfg.location})
	}
	return s, err
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

// cronSchedule is a crontab read by the default Cron.
type cronSchedule struct {
	crontab
	line    string // as given
	shift   bool
	overlap DaylightSavingsTimeOverlap
}

func newCronSchedule(line string, withSeconds bool, cfg scheduleConfig, jobName string) (schedule, error) {
	parsed, err := parseCrontab(line, withSeconds, jobName)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCronJobParse, err)
	}
	s := &cronSchedule{
		line: line, crontab: *parsed,
		shift: cfg.dst == DaylightSavingsTimeRunAfterTransition, overlap: cfg.overlap,
	}
	if s.keepsRealTime() {
		s.overlap = DaylightSavingsTimeOverlapBoth
	}
	if s.next(cfg.now, cfg.now).IsZero() {
		return nil, ErrCronJobInvalid
	}
	return s, nil
}

// keepsRealTime reports whether the times of a repeated hour come twice.
func (c *cronSchedule) keepsRealTime() bool { return c.every > 0 || c.fields.realTime() }

func (c *cronSchedule) next(anchor, t time.Time) time.Time {
	if c.every > 0 {
		// Without a monotonic reading: cron jobs go by the wall clock.
		anchor = anchor.Round(0).Add(-time.Duration(anchor.Nanosecond()))
		return nextInterval(anchor, t, c.every)
	}
	clock := wallClock{zone: c.zone, shift: c.shift, overlap: c.overlap}
	if clock.zone == nil {
		clock.zone = anchor.Location()
	}
	return nextOnClock(clock, anchor, t, c.fields.firstFrom)
}

func (c *cronSchedule) rewind(anchor, t time.Time) time.Time {
	if c.every > 0 {
		return rewindInterval(anchor, t, c.every)
	}
	return t.Add(-1).In(anchor.Location()) // a crontab has no phase
}

func (c *cronSchedule) public() JobSchedule {
	return CronJobSchedule{Crontab: c.line}
}

// A crontab is what a line of a crontab says.
type crontab struct {
	every  time.Duration  // of an "@every", whole seconds; else 0
	fields crontabFields  // unless every is set
	zone   *time.Location // nil: the job's, which is also what Local stands for
}

// crontabWords are the words that stand for five fields.
var crontabWords = map[string]string{
	"@yearly":   "0 0 1 1 *",
	"@annually": "0 0 1 1 *",
	"@monthly":  "0 0 1 * *",
	"@weekly":   "0 0 * * 0",
	"@daily":    "0 0 * * *",
	"@midnight": "0 0 * * *",
	"@hourly":   "0 * * * *",
}

const (
	everyWord      = "@every "
	crontabAllowed = "@yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly and @every with a duration"
)

// parseCrontab reads a line. Its errors say why it cannot, in one line. jobName is for
// H, which is refused without it.
func parseCrontab(line string, withSeconds bool, jobName string) (*crontab, error) {
	c := &crontab{}
	rest, err := c.readZone(line)
	if err == nil {
		rest = strings.TrimSpace(rest)
		if strings.HasPrefix(rest, "@") {
			err = c.readWord(rest)
		} else {
			err = c.fields.read(strings.Fields(rest), withSeconds, jobName)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("crontab %s: %w", quoted(line), err)
	}
	return c, nil
}

// readZone takes the zone that line may begin with, and returns what follows.
func (c *crontab) readZone(line string) (string, error) {
	if !namesZone(line) {
		return line, nil
	}
	_, after, _ := strings.Cut(line, "=")
	name, rest, ok := strings.Cut(after, " ")
	if name == "" || !ok {
		return "", errors.New("time zone: CRON_TZ= must be followed by the name of a zone, a space and the fields")
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return "", fmt.Errorf("time zone %s is unknown, allowed are names such as Europe/Berlin; "+
			"on a system without a list of zones, import time/tzdata", quoted(name))
	}
	if zone != time.Local {
		c.zone = zone
	}
	return rest, nil
}

func namesZone(s string) bool {
	return strings.HasPrefix(s, "TZ=") || strings.HasPrefix(s, "CRON_TZ=")
}

// readWord reads what begins with "@".
func (c *crontab) readWord(word string) error {
	if fields, ok := crontabWords[word]; ok {
		return c.fields.read(strings.Fields(fields), false, "")
	}
	if strings.HasPrefix(word, everyWord) || word == strings.TrimSpace(everyWord) {
		return c.readEvery(strings.TrimPrefix(word, everyWord))
	}
	cure := ""
	switch lower := strings.ToLower(word); {
	case lower == "@reboot":
		cure = "; to run when the scheduler starts, use WithStartAt(WithStartImmediately())"
	case crontabWords[lower] != "" || strings.HasPrefix(lower, everyWord):
		cure = "; they are written in lower case, with nothing after them"
	}
	return fmt.Errorf("the word %s is not known, allowed are %s%s", quoted(word), crontabAllowed, cure)
}

func (c *crontab) readEvery(text string) error {
	every, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("@every: %s is not a duration, allowed are durations such as 90s or 1h30m after one space", quoted(text))
	}
	if every < time.Second {
		return fmt.Errorf("@every: %s is too short, allowed is one second or more; for less, use DurationJob", quoted(text))
	}
	c.every = every.Truncate(time.Second)
	return nil
}
