package gocron

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Describe says in English when a job is due, such as
//
//	every 2 weeks on Monday at 09:00
//	at 02:30 on the last day of the month
//
// The text is for people: another version may say it in other words. A crontab is described as
// CronJob reads it, with its zone in parentheses at the end. Where a crontab has an H, the text
// says "chosen" instead of a number; Controller.Explain knows the job's name and gives the numbers.
// A crontab that only a Cron of yours can read is quoted. A JobSchedule has no options, so Describe
// does not mention them. A nil schedule gives "".
func Describe(schedule JobSchedule) string {
	switch s := schedule.(type) {
	case nil:
		return ""
	case CronJobSchedule:
		return describeLine(s.Crontab)
	case DurationJobSchedule:
		return every(s.Duration)
	case DurationRandomJobSchedule:
		return fmt.Sprintf("every %s to %s, at random", durationWords(s.Min), durationWords(s.Max))
	case DailyJobSchedule:
		return calendarWords(s.Interval, "day", nil, s.AtTimes)
	case WeeklyJobSchedule:
		return calendarWords(s.Interval, "week", s.dayWords(), s.AtTimes)
	case MonthlyJobSchedule:
		return calendarWords(s.Interval, "month", s.dayWords(), s.AtTimes)
	case MonthlyWeekdayJobSchedule:
		var days []string
		for _, nth := range s.NthWeekdays {
			days = append(days, "the "+nth.String())
		}
		return calendarWords(s.Interval, "month", days, s.AtTimes)
	case OneTimeJobSchedule:
		return s.words()
	case AnyOfJobSchedule:
		return anyOfWords(s.Schedules, Describe)
	case ScheduleJobSchedule:
		return fmt.Sprintf("as a %T says", s.Schedule)
	case ManualJobSchedule:
		return "when it is asked to"
	case fmt.Stringer:
		return s.String()
	}
	return fmt.Sprintf("as %T says", schedule)
}

// describe is Describe for the job's schedule, with the numbers that its name decides.
func (j *internalJob) describe() string {
	words := describePlan(plainSchedule(j.plan))
	if len(j.settings().calendars) > 0 {
		words += ", where a calendar includes it"
	}
	if jitter := jitterOf(j.plan); jitter != nil {
		words += fmt.Sprintf(", up to %s later", durationWords(jitter.max))
	}
	return words
}

func describePlan(plan schedule) string {
	switch plan := plan.(type) {
	case *cronSchedule:
		return plan.crontab.words()
	case *userCron:
		if cron, is := plan.public().(CronJobSchedule); is {
			return fmt.Sprintf("crontab %s, as a Cron of the user's reads it", quoted(cron.Crontab))
		}
	case *anyOfSchedule:
		return anyOfWords(plan.parts, describePlan)
	}
	return Describe(plan.public())
}

func anyOfWords[part any](parts []part, describe func(part) string) string {
	words := make([]string, len(parts))
	for i, part := range parts {
		words[i] = describe(part)
	}
	return strings.Join(words, "; or ")
}

func calendarWords(interval uint, unit string, days []string, times []time.Time) string {
	return everyPeriod(interval, unit) + listedAfter(" on ", days) + atTimesWords(times)
}

func (w WeeklyJobSchedule) dayWords() []string {
	var set uint64
	for _, d := range w.DaysOfWeek {
		set |= 1 << floorMod(int64(d), 7)
	}
	if set == oneWeek {
		return []string{"each day"}
	}
	return weekdayWords(set)
}

func (m MonthlyJobSchedule) dayWords() (days []string) {
	var set uint64
	for _, day := range m.Days {
		if 1 <= day && day <= 31 {
			set |= 1 << day
		}
	}
	days = dateWords(set)
	for _, day := range m.DaysFromEnd {
		if day == -1 {
			days = append(days, "the last day")
		} else if day < 0 {
			days = append(days, "the "+ordinal(-day)+" to last day")
		}
	}
	return days
}

func (o OneTimeJobSchedule) words() string {
	var parts []string
	for i, at := range o.StartAt {
		if i == maxListed {
			parts = append(parts, fmt.Sprintf("%d more until %s", len(o.StartAt)-i, o.StartAt[len(o.StartAt)-1].Format(time.RFC3339)))
			break
		}
		parts = append(parts, at.Format(time.RFC3339))
	}
	switch len(parts) {
	case 0:
		return "once, immediately"
	case 1:
		return "once, at " + parts[0]
	}
	return "at " + listed(parts)
}

// maxListed is how many times are named one by one.
const maxListed = 6

func atTimesWords(times []time.Time) string {
	var parts []string
	for _, at := range times {
		part := clockWords(at.Hour(), at.Minute(), at.Second())
		if len(parts) == 0 || parts[len(parts)-1] != part {
			parts = append(parts, part)
		}
	}
	if n := len(parts); n > maxListed {
		return fmt.Sprintf(" at %d times from %s to %s", n, parts[0], parts[n-1])
	}
	return listedAfter(" at ", parts)
}

// clockWords leaves out seconds that are zero.
func clockWords(hour, minute, second int) string {
	if second == 0 {
		return fmt.Sprintf("%02d:%02d", hour, minute)
	}
	return fmt.Sprintf("%02d:%02d:%02d", hour, minute, second)
}

// clockTimes are the times of day with one of the hours and one of the minutes.
func clockTimes(hours, minutes []int, second int) (words []string) {
	for _, h := range hours {
		for _, m := range minutes {
			words = append(words, clockWords(h, m, second))
		}
	}
	return words
}

func everyPeriod(interval uint, unit string) string {
	if interval == 1 {
		return "every " + unit
	}
	return fmt.Sprintf("every %d %ss", interval, unit)
}

// every leaves out the number of a single unit: every hour, every 2 hours.
func every(d time.Duration) string {
	words := durationWords(d)
	if unit := strings.TrimPrefix(words, "1 "); !strings.Contains(unit, " ") {
		words = unit
	}
	return "every " + words
}

// durationWords is d in hours, minutes and seconds or, if that leaves something over, as
// Duration prints it.
func durationWords(d time.Duration) string {
	if d < time.Second || d%time.Second != 0 {
		return d.String()
	}
	var parts []string
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := d / unit.length; n > 0 {
			parts = append(parts, counted(int(n), unit.name))
		}
		d %= unit.length
	}
	return listed(parts)
}

func counted(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// listed joins parts with commas and, before the last, with "and".
func listed(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// listedAfter is listed with a word before it, and "" without parts.
func listedAfter(word string, parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	return word + listed(parts)
}

// numbersOf lists the numbers of set.
func numbersOf(set uint64) []int {
	numbers := make([]int, 0, bits.OnesCount64(set))
	for ; set != 0; set &= set - 1 {
		numbers = append(numbers, bits.TrailingZeros64(set))
	}
	return numbers
}

// stepOf returns the difference from each number to the next, or 0 if there are fewer
// than three or it is not the same for all.
func stepOf(numbers []int) int {
	if len(numbers) < 3 {
		return 0
	}
	step := numbers[1] - numbers[0]
	for i := 2; i < len(numbers); i++ {
		if numbers[i]-numbers[i-1] != step {
			return 0
		}
	}
	return step
}

// cycleOf returns the step of numbers that go round evenly: from 0, by a divisor of size,
// to its end. It returns 0 if they do not, or are fewer than three.
func cycleOf(numbers []int, size int) int {
	step := stepOf(numbers)
	if step == 0 || numbers[0] != 0 || size%step != 0 || len(numbers) != size/step {
		return 0
	}
	return step
}

// A numberRun are all numbers from one to another.
type numberRun struct{ from, to int }

// runsOf divides numbers into runs of consecutive ones.
func runsOf(numbers []int) (runs []numberRun) {
	for i, n := range numbers {
		if i > 0 && numbers[i-1] == n-1 {
			runs[len(runs)-1].to = n
		} else {
			runs = append(runs, numberRun{n, n})
		}
	}
	return runs
}

// runWords names numbers, and from three consecutive ones on the first and the last.
func runWords(runs []numberRun, name func(int) string) (words []string) {
	for _, run := range runs {
		switch run.to - run.from {
		case 0:
			words = append(words, name(run.from))
		case 1:
			words = append(words, name(run.from), name(run.to))
		default:
			words = append(words, name(run.from)+" to "+name(run.to))
		}
	}
	return words
}

// roundRuns is runsOf for numbers from low to high that go round: a run that ends with
// high and one that begins with low are one.
func roundRuns(numbers []int, low, high int) []numberRun {
	runs := runsOf(numbers)
	last := len(runs) - 1
	if last > 0 && runs[0].from == low && runs[last].to == high {
		runs[last].to = high + 1 + runs[0].to - low
		return append(runs[1:last:last], runs[last])
	}
	return runs
}

// plainWords names the numbers as they are: 5, 10 to 20.
func plainWords(numbers []int) string {
	return listed(runWords(runsOf(numbers), strconv.Itoa))
}

// noun names the numbers of a unit of which there are size: every 5th minute, minutes 1 to 3.
func noun(numbers []int, size int, unit string) string {
	switch step := cycleOf(numbers, size); {
	case step == 1:
		return "every " + unit
	case step > 1:
		return "every " + ordinal(step) + " " + unit
	case len(numbers) == 1:
		return fmt.Sprintf("%s %d", unit, numbers[0])
	}
	return unit + "s " + plainWords(numbers)
}

// rate is how often minutes or seconds come if that is even, else "".
func rate(numbers []int, unit string) string {
	if step := cycleOf(numbers, 60); step > 0 {
		return everyPeriod(uint(step), unit)
	}
	if len(numbers) == 2 && numbers[0] == 0 && numbers[1] == 30 {
		return everyPeriod(30, unit)
	}
	return ""
}

// rateWithin is how often they come from the first to the last if that is even, else "".
func rateWithin(numbers []int, unit string) string {
	step := stepOf(numbers)
	if step == 0 || len(numbers) < 4 {
		return ""
	}
	return fmt.Sprintf("%s from %d to %d", everyPeriod(uint(step), unit), numbers[0], numbers[len(numbers)-1])
}

// dateWords are days of the month.
func dateWords(set uint64) []string {
	numbers := numbersOf(set)
	name := func(n int) string { return "the " + ordinal(n) }
	if step := stepOf(numbers); step > 1 && len(numbers) > 3 {
		return []string{fmt.Sprintf("every %s day from %s to %s", ordinal(step), name(numbers[0]), name(numbers[len(numbers)-1]))}
	}
	return runWords(runsOf(numbers), name)
}

// weekdayWords are days of the week, Sunday the lowest bit.
func weekdayWords(set uint64) []string {
	return runWords(roundRuns(numbersOf(set), 0, 6), func(n int) string { return time.Weekday(n % 7).String() })
}
