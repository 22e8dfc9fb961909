package oracle

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// What is refused here, and who accepts it.
func TestRefused(t *testing.T) {
	for _, x := range []struct{ line, acceptedBy, reason string }{
		{"0 0 12 * * L *", "", "a bare L in the weekday: Quartz reads Saturday there, and users mean the last day of the month"},
		{"0 0 12 * * 8 *", "", "weekdays count from 0, Sunday, and never from 1 as in Quartz"},
		{"0 0 12 * * 8L *", "gronx", "no such day"},
		{"0 0 12 * * 1-5L *", "", "L stands after one day"},
		{"0 0 12 * * 5L/2 *", "gronx", "no step with L"},
		{"0 0 12 * * 5#0 *", "gronx", "the weeks of a month are 1 to 5"},
		{"0 0 12 * * 5#6 *", "gronx", "the weeks of a month are 1 to 5"},
		{"0 0 12 * * 5#L *", "go-cron", "it is 5L"},
		{"0 0 12 L-0 * * *", "", "it is L"},
		{"0 0 12 L-31 * * *", "", "no month has such a day"},
		{"0 0 12 L/2 * * *", "", "no step with L"},
		{"0 0 12 0W * * *", "gronx", "no month has such a day"},
		{"0 0 12 32W * * *", "gronx", "no month has such a day"},
		{"0 0 12 W * * *", "", "W stands after a day"},
		{"0 0 12 15W/2 * * *", "gronx", "no step with W"},
		{"0 0 12 1-5W * * *", "", "W stands after one day"},
		{"0 0 12 L-3W * * *", "", "one letter alone, but for LW"},
		{"0 0 12 WL * * *", "", "it is LW"},
		{"0 0 12 * * * 1969", "go-cron gronx", "years begin with 1970"},
		{"0 0 12 * * * 2030-2029", "cronexpr", "years do not wrap"},
		{"0 0 12 *-5 * * *", "go-cron", "a range has two numbers"},
		{"0 0 12 1,,2 * * *", "cronexpr go-cron", "a comma stands between two parts"},
		{"0 0 12 1, * * *", "cronexpr go-cron", "a comma stands between two parts"},
		{"0 0 12 */32 * * *", "gronx", "a step is at most the number of days"},
		{"0 0 12 5/2/2 * * *", "gronx", "one step"},
		{"0 0 12 +5 * * *", "go-cron gronx", "digits alone"},
	} {
		err := gocron.NewDefaultCron(true).IsValid(x.line, time.UTC, epoch)
		if !errors.Is(err, gocron.ErrCronJobParse) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, though %s", x.line, err, x.reason)
		}
		c := crontabOf(strings.TrimPrefix(x.line, "0 0 12 "))
		var accepted []string
		for _, lib := range libraries {
			if _, err := lib.days(c, day(2026), day(2028)); err == nil {
				accepted = append(accepted, lib.name)
			}
		}
		if !slices.Equal(accepted, strings.Fields(x.acceptedBy)) {
			t.Errorf("%s is accepted by %q, not %q", x.line, accepted, x.acceptedBy)
		}
	}
}
