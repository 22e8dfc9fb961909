package gocron

import (
	"fmt"
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
