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
		return everyPeriod(s.Interval, "day") + atTimesWords(s.AtTimes)
	case WeeklyJobSchedule:
		return everyPeriod(s.Interval, "week") + listedAfter(" on ", weekdaySet(s.DaysOfWeek).words()) + atTimesWords(s.AtTimes)
	case MonthlyJobSchedule:
		return everyPeriod(s.Interval, "month") + listedAfter(" on ", s.dayWords()) + atTimesWords(s.AtTimes)
	case MonthlyWeekdayJobSchedule:
		var days []string
		for _, nth := range s.NthWeekdays {
			days = append(days, "the "+nth.String())
		}
		return everyPeriod(s.Interval, "month") + listedAfter(" on ", days) + atTimesWords(s.AtTimes)
	case OneTimeJobSchedule:
		return s.words()
	case AnyOfJobSchedule:
		parts := make([]string, len(s.Schedules))
		for i, part := range s.Schedules {
			parts[i] = Describe(part)
		}
		return strings.Join(parts, "; or ")
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
	if x := j.settings(); len(x.calendars) > 0 {
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
		parts := make([]string, len(plan.parts))
		for i, part := range plan.parts {
			parts[i] = describePlan(part)
		}
		return strings.Join(parts, "; or ")
	}
	return Describe(plan.public())
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

// dateWords are days of the month.
func dateWords(set uint64) []string {
	numbers := numbersOf(set)
	name := func(n int) string { return "the " + ordinal(n) }
	if step := stepOf(numbers); step > 1 && len(numbers) > 3 {
		return []string{fmt.Sprintf("every %s day from %s to %s", ordinal(step), name(numbers[0]), name(numbers[len(numbers)-1]))}
	}
	return runWords(runsOf(numbers), name)
}

// A weekdayNumbers has a bit for every day of the week, Sunday the lowest.
type weekdayNumbers uint64

func weekdaySet(days []time.Weekday) (set weekdayNumbers) {
	for _, d := range days {
		set |= 1 << floorMod(int64(d), 7)
	}
	return set
}

const allWeekdays = 1<<7 - 1

func (w weekdayNumbers) runs() []numberRun { return roundRuns(numbersOf(uint64(w)), 0, 6) }

func (w weekdayNumbers) list() []string {
	return runWords(w.runs(), func(n int) string { return time.Weekday(n % 7).String() })
}

func (w weekdayNumbers) words() []string {
	if w == allWeekdays {
		return []string{"each day"}
	}
	return w.list()
}

// monthRuns are months of the year, bit 1 being January.
func monthRuns(set uint64) []numberRun { return roundRuns(numbersOf(set), 1, 12) }

func monthWords(runs []numberRun) []string {
	return runWords(runs, func(n int) string { return time.Month((n-1)%12 + 1).String() })
}
