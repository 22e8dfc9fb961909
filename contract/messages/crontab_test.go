package messages_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

func TestCrontab_refused(t *testing.T) {
	const five = "allowed are 5 (minute, hour, day of the month, month, day of the week)"
	for _, x := range []struct {
		line        string
		withSeconds bool
		reason      string // a part of it
	}{
		{"", false, `crontab "": it has 0 fields, ` + five},
		{" ", true, five + ", 6 with the second in front, or 7 with the year at the end"},
		{"* * * *", false, "it has 4 fields, " + five},
		{"* * * * * * *", false, "it has 7 fields, " + five + "; if the first is for seconds and the last for years, set withSeconds"},
		{"* * * * * * * *", true, "it has 8 fields"},
		{"*/5 * * * * *", false, "it has 6 fields, " + five + "; if the first is for seconds, set withSeconds"},
		{" TZ=UTC 0 9 * * *", false, "; TZ= and CRON_TZ= must stand at the very beginning"},
		{"60 * * * *", false, `minute "60": "60" is out of range, allowed are 0 to 59`},
		{"0 24 * * *", false, `hour "24": "24" is out of range, allowed are 0 to 23`},
		{"0 0 0 * *", false, `day of the month "0": "0" is out of range, allowed are 1 to 31`},
		{"0 0 1 13 *", false, `month "13": "13" is out of range, allowed are 1 to 12 and jan to dec`},
		{"0 0 1 * mo", false, `day of the week "mo": "mo" is not a number, allowed are 0 to 7 and sun to sat`},
		{"0 0 1 * 8", false, `day of the week "8": "8" is out of range`},
		{"60 * * * * *", true, `second "60"`},
		{"*-5 * * * *", false, `minute "*-5": * and ? stand for all numbers`},
		{"*-foo * * * *", false, `minute "*-foo"`},
		{"?-3 * * * *", false, `minute "?-3"`},
		{"5-* * * * *", false, `minute "5-*": "*" is not a number`},
		{"1,,2 * * * *", false, `minute "1,,2": a comma must stand between two parts`},
		{",1 * * * *", false, "a comma must stand between two parts"},
		{"1, * * * *", false, "a comma must stand between two parts"},
		{", * * * *", false, "a comma must stand between two parts"},
		{"* * * * ,", true, "a comma must stand between two parts"},
		{"+5 * * * *", false, `"+5" is not a number`},
		{"*/+5 * * * *", false, `the step "+5" is not allowed`},
		{"*/61 * * * *", false, `minute "*/61": the step "61" is not allowed, allowed are 1 to 60`},
		{"1/61 * * * *", false, "allowed are 1 to 60"},
		{"1-5/61 * * * *", false, "allowed are 1 to 60"},
		{"*/61 * * * * *", true, "allowed are 1 to 60"},
		{"0 */25 * * *", false, "allowed are 1 to 24"},
		{"0 0 */32 * *", false, "allowed are 1 to 31"},
		{"0 0 1 */13 *", false, "allowed are 1 to 12"},
		{"0 0 * * */8", false, "allowed are 1 to 7"},
		{"*/0 * * * *", false, "allowed are 1 to 60"},
		{"*/ * * * *", false, `the step "" is not allowed`},
		{"*/5/5 * * * *", false, `the step "5/5" is not allowed`},
		{"0/9223372036854775807 * * * *", false, "allowed are 1 to 60"},
		{"18446744073709551621 * * * *", false, "is out of range"},
		{"1-2-3 * * * *", false, `"2-3" is not a number`},
		{"-5 * * * *", false, `"" is not a number`},
		{"1_0 * * * *", false, `"1_0" is not a number`},
		{"٣ * * * *", false, "is not a number"},
		{"jan * * * *", false, `minute "jan": "jan" is not a number`},
		{"0 0 1 \u017fep *", false, "is not a number"},
		{"0 0 L 1", false, "it has 4 fields"},
		{"L * * * *", false, `minute "L": "L" is not a number, allowed are 0 to 59; L, L-3, LW and 15W are for the day of the month`},
		{"0 0 * 5#2 *", false, "5L and 5#2 for the day of the week"},
		{"0 0 * * L", false, `day of the week "L": an L is allowed after a day, as in 5L`},
		{"0 0 * * L", false, "L alone is for the day of the month"},
		{"0 0 * * 8L", false, `"8" is out of range`},
		{"0 0 * * 1-5L", false, `"1-5" is not a number`},
		{"0 0 * * 5L/2", false, "without a step or a range"},
		{"0 0 * * 5#0", false, "a number from 1 to 5"},
		{"0 0 * * 5#6", false, "a number from 1 to 5"},
		{"0 0 * * 5#L", false, "a number from 1 to 5"},
		{"0 0 * * #2", false, `"" is not a number`},
		{"0 0 5L * *", false, "5L for the last Friday is for the day of the week"},
		{"0 0 L-0 * *", false, "L-1 to L-30"},
		{"0 0 L-31 * *", false, "L-1 to L-30"},
		{"0 0 L/2 * *", false, "without a step or a range"},
		{"0 0 1-L * *", false, "without a step or a range"},
		{"0 0 0W * *", false, "1W to 31W"},
		{"0 0 32W * *", false, "1W to 31W"},
		{"0 0 W * *", false, "1W to 31W"},
		{"0 0 1-5W * *", false, "1W to 31W"},
		{"0 0 15W/2 * *", false, "1W to 31W"},
		{"0 0 L-3W * *", false, "1W to 31W"},
		{"0 0 * * 7/2", false, `"7" is Sunday only alone or at the end of a range, elsewhere Sunday is 0`},
		{"0 0 * * 7-2", false, `"7" is Sunday only alone or at the end of a range`},
		{"0 0 0 1 1 * 1969", true, `year "1969": "1969" is out of range, allowed are 1970 to 9999`},
		{"0 0 0 1 1 * 10000", true, "allowed are 1970 to 9999"},
		{"0 0 0 1 1 * 2030-2029", true, "the range ends before it begins"},
		{"0 0 0 1 1 * */8031", true, "allowed are 1 to 8030"},
		{"0 0 0 1 1 * 2030,", true, `year "2030,": a comma`},
		{"0 0 0 1 1 * L", true, `year "L"`},
		{"0 0 0 1 1 * H", true, `year "H": "H" is not a number`},
		{"H * * * *", false, `minute "H": the job's name decides what H is, so the job needs WithName`},
		{"@reboot", false, `"@reboot" is not known, allowed are @yearly, `},
		{"@reboot", false, "use WithStartAt(WithStartImmediately())"},
		{"@Daily", false, "written in lower case"},
		{"@daily 5", false, `"@daily 5" is not known`},
		{"@every", false, `@every: "@every" is not a duration`},
		{"@every x", false, `@every: "x" is not a duration`},
		{"@every 1d", false, `@every: "1d" is not a duration`},
		{"@every 0s", false, `@every: "0s" is too short, allowed is one second or more; for less, use DurationJob`},
		{"@every -1h", false, `"-1h" is too short`},
		{"@every 999ms", false, `"999ms" is too short`},
		{"TZ=Nope 0 9 * * *", false, `time zone "Nope" is unknown`},
		{"TZ=Nope 0 9 * * *", false, "import time/tzdata"},
		{"TZ=", false, "must be followed by the name of a zone"},
		{"CRON_TZ= 0 9 * * *", false, "must be followed by the name of a zone"},
		{"CRON_TZ=Asia/Tokyo", true, "must be followed by the name of a zone"},
		{"CRON_TZ=UTC ", false, "it has 0 fields"},
		{"\x00", false, `crontab "\x00": it has 1 fields`},
	} {
		err := gocron.Validate(gocron.CronJob(x.line, x.withSeconds))
		require.ErrorIs(t, err, gocron.ErrCronJobParse, x.line)
		require.False(t, errors.Is(err, gocron.ErrCronJobInvalid), x.line)
		require.Contains(t, err.Error(), x.reason)
		require.True(t, strings.HasPrefix(err.Error(), gocron.ErrCronJobParse.Error()+": crontab "), err)
		require.NotContains(t, err.Error(), "\n")
		require.Equal(t, err, gocron.NewDefaultCron(x.withSeconds).IsValid(x.line, time.UTC, time.Now()))
	}
}

// An error stays short however long the crontab is.
func TestCrontab_refusedWhenLong(t *testing.T) {
	for _, line := range []string{strings.Repeat("ä", 500), strings.Repeat("x", 500) + " * * * *", "1/" + strings.Repeat("9", 500) + " * * * *", "TZ=" + strings.Repeat("z", 500) + " x", "@" + strings.Repeat("\xff", 500)} {
		err := gocron.Validate(gocron.CronJob(line, false))
		require.Less(t, len(err.Error()), 1500)
		require.NotContains(t, err.Error(), strings.Repeat(line[3:4], 90))
	}
	err := gocron.Validate(gocron.CronJob(strings.Repeat("a", 79)+"ä", false))
	require.ErrorContains(t, err, strings.Repeat("a", 79)+`"…`)
}

// What can be read and names no time is another error.
func TestCrontab_namesNoTime(t *testing.T) {
	for _, line := range []string{"0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 30,31 feb *"} {
		require.True(t, gocron.Validate(gocron.CronJob(line, false)) == gocron.ErrCronJobInvalid, line)
		require.True(t, gocron.NewDefaultCron(false).IsValid(line, time.UTC, time.Now()) == gocron.ErrCronJobInvalid)
	}
}
