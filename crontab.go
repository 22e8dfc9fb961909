package gocron

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/bits"
	"strings"
	"time"
)

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
		return "", fmt.Errorf("time zone: CRON_TZ= must be followed by the name of a zone, a space and the fields")
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

// String returns a crontab with seconds that reads as c.
func (c *crontab) String() string {
	var b strings.Builder
	if c.zone != nil {
		b.WriteString("CRON_TZ=" + c.zone.String() + " ")
	}
	if c.every > 0 {
		b.WriteString(everyWord + c.every.String())
	} else {
		b.WriteString(c.fields.String())
	}
	return b.String()
}

// longestQuote is how much of a user's text an error repeats, in bytes.
const longestQuote = 80

func quoted(s string) string {
	if len(s) <= longestQuote {
		return fmt.Sprintf("%q", s)
	}
	end := longestQuote
	for end > longestQuote-4 && s[end]&0xC0 == 0x80 {
		end-- // to the beginning of a character
	}
	return fmt.Sprintf("%q…", s[:end])
}

// readDateForm reads L, L-n, LW and nW.
func (c *crontabFields) readDateForm(_ *crontabField, part string) error {
	form := strings.ToUpper(part)
	if form == "L" {
		c.fromEnd |= 1
		return nil
	}
	if form == "LW" {
		c.nearest |= 1
		return nil
	}
	set, text, highest := &c.nearest, strings.TrimSuffix(form, "W"), 31
	if strings.HasPrefix(form, "L-") {
		set, text, highest = &c.fromEnd, form[2:], 30
	}
	n, ok := parseDigits(text)
	if !ok || n < 1 || n > highest {
		return errors.New("with L and W, allowed are L, L-1 to L-30, LW, and 1W to 31W, without a step or a range" + weekdayCure(form))
	}
	*set |= 1 << n
	return nil
}

func weekdayCure(form string) string {
	if strings.Trim(form, "0123456789") == "L" {
		return "; 5L for the last Friday is for the day of the week"
	}
	return ""
}

// readWeekdayForm reads dL and d#n.
func (c *crontabFields) readWeekdayForm(f *crontabField, part string) error {
	day, nth, numbered := strings.Cut(part, "#")
	week := lastWeek
	if numbered {
		n, ok := parseDigits(nth)
		if !ok || n < 1 || n > 5 {
			return errors.New("# is allowed between a day and a number from 1 to 5, as in 5#2, without a step or a range")
		}
		week = n - 1
	} else {
		day = part[:len(part)-1]
		if day == "" || !strings.ContainsAny(part[len(day):], "Ll") {
			return errors.New("an L is allowed after a day, as in 5L for the last Friday, without a step or a range; " +
				"L alone is for the day of the month")
		}
	}
	weekday, err := f.readNumber(day, f.last)
	if err != nil {
		return err
	}
	c.weekdays |= weekdayBit(int64(week), int64(weekday%7))
	return nil
}

func (c *crontabFields) formatDateForms() (parts []string) {
	for set := c.fromEnd; set != 0; set &= set - 1 {
		part := "L"
		if n := bits.TrailingZeros64(set); n > 0 {
			part = fmt.Sprintf("L-%d", n)
		}
		parts = append(parts, part)
	}
	for set := c.nearest; set != 0; set &= set - 1 {
		part := "LW"
		if n := bits.TrailingZeros64(set); n > 0 {
			part = fmt.Sprintf("%dW", n)
		}
		parts = append(parts, part)
	}
	return parts
}

func (c *crontabFields) formatWeekdayForms() (parts []string) {
	for set := c.weekdays; set != 0; set &= set - 1 {
		week, day := bits.TrailingZeros64(set)/7, bits.TrailingZeros64(set)%7
		part := fmt.Sprintf("%dL", day)
		if week != lastWeek {
			part = fmt.Sprintf("%d#%d", day, week+1)
		}
		parts = append(parts, part)
	}
	return parts
}

// lastHashedDay is the last day of the month that every month has.
const lastHashedDay = 28

// readHash reads H, H/n, H(a-b) and H(a-b)/n: numbers that the name of the job
// decides. What they are for a name must never change.
func (f *crontabField) readHash(part, jobName string) (uint64, error) {
	if jobName == "" {
		return 0, errors.New("the job's name decides what H is, so the job needs WithName; NewDefaultCron knows no names and refuses H")
	}
	base, stepText, stepped := strings.Cut(part, "/")
	from, to := f.low, f.high
	if f.word == "day" {
		to = lastHashedDay
	}
	if base != "H" {
		var err error
		if from, to, err = f.readHashRange(base); err != nil {
			return 0, err
		}
	}
	step, err := readStep(stepText, stepped, to-from+1)
	if err != nil {
		return 0, err
	}
	if !stepped {
		n := from + f.hash(jobName, to-from+1)
		return f.numbers(n, n, 1), nil
	}
	return f.numbers(from+f.hash(jobName, step), to, step), nil
}

// readHashRange reads what follows H in parentheses.
func (f *crontabField) readHashRange(base string) (from, to int, err error) {
	low, high, ok := strings.Cut(strings.TrimPrefix(base, "H("), "-")
	if !ok || !strings.HasPrefix(base, "H(") || !strings.HasSuffix(high, ")") {
		return 0, 0, errors.New("with H, allowed are H, H/n, H(a-b) and H(a-b)/n")
	}
	if from, err = f.readNumber(low, f.high); err != nil {
		return 0, 0, err
	}
	if to, err = f.readNumber(strings.TrimSuffix(high, ")"), f.last); err != nil {
		return 0, 0, err
	}
	if from > to {
		return 0, 0, errors.New("the range of H must not end before it begins")
	}
	return from, to, nil
}

// hash returns a number below n that the job's name and the field decide.
func (f *crontabField) hash(jobName string, n int) int {
	h := fnv.New64a()
	h.Write([]byte(jobName + "\x00" + f.word))
	return int(h.Sum64() % uint64(n))
}
