package gocron

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

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

// findChosen notes the fields of line, which can be read, that have an H.
func (w *crontabSpeaker) findChosen(line string) {
	rest, _ := (&crontab{}).readZone(line)
	fields := strings.Fields(rest)
	if len(fields) < 5 {
		return // a word
	}
	first := 0
	if len(fields) == 5 {
		first = minuteField
	}
	for i := first; i < len(crontabLine); i++ {
		if parts := strings.Split(fields[i-first], ","); hasHash(parts) {
			w.chosen[i] = crontabLine[i].chosenWords(parts)
		}
	}
}

func hasHash(parts []string) bool {
	for _, part := range parts {
		if part[0] == 'H' {
			return true
		}
	}
	return false
}

func (w *crontabSpeaker) hasChosen() bool { return strings.Join(w.chosen[:], "") != "" }

// chosenWords describes a field with an H in one of its parts.
func (f *crontabField) chosenWords(parts []string) string {
	var words []string
	for _, part := range parts {
		if part[0] == 'H' {
			words = append(words, f.chosenPart(part))
		} else {
			words = append(words, part)
		}
	}
	return listed(words)
}

// chosenPart describes H, H/n, H(a-b) and H(a-b)/n.
func (f *crontabField) chosenPart(part string) string {
	base, step, stepped := strings.Cut(strings.TrimPrefix(part, "H"), "/")
	unit := f.word
	if f.word == "weekday" {
		unit = "day of the week"
	}
	span := ""
	if base != "" {
		low, high, _ := strings.Cut(strings.Trim(base, "()"), "-")
		span = " from " + f.numberWords(low) + " to " + f.numberWords(high)
	}
	switch n, _ := parseDigits(step); {
	case !stepped:
		return "a chosen " + unit + span
	case n == 1:
		return "every " + unit + span
	default:
		return "every " + ordinal(n) + " " + unit + span + ", beginning with a chosen one,"
	}
}

// numberWords is how a number of the field is named.
func (f *crontabField) numberWords(text string) string {
	n, _ := f.readNumber(text, f.last)
	switch f.word {
	case "day":
		return "the " + ordinal(n)
	case "month":
		return time.Month(n).String()
	case "weekday":
		return time.Weekday(n % 7).String()
	}
	return strconv.Itoa(n)
}

// chosenTimes says at what times of the day it is due if one of the fields has an H.
func (w *crontabSpeaker) chosenTimes() string {
	t := clockNumbers{numbersOf(w.fields.second & everyBit), numbersOf(w.fields.minute & everyBit), numbersOf(w.fields.hour & everyBit)}
	noun := func(field int, otherwise string) string {
		if w.chosen[field] != "" {
			return w.chosen[field]
		}
		return otherwise
	}
	text := "at "
	if second := noun(secondField, t.secondNoun()); second != "" {
		text += second + " of "
	}
	text += noun(minuteField, t.minuteNoun()) + " of " + noun(hourField, t.hourNoun())
	if days, _ := w.days(); days == "" && (w.chosen[hourField] != "" || !t.everyHour()) {
		text += " every day"
	}
	return text
}

// secondNoun names the seconds unless they are the first of the minute alone.
func (t clockNumbers) secondNoun() string {
	if len(t.seconds) == 1 && t.seconds[0] == 0 {
		return ""
	}
	if len(t.seconds) == 1 {
		return "second " + plainWords(t.seconds)
	}
	if len(t.seconds) == 60 {
		return "every second"
	}
	return "seconds " + plainWords(t.seconds)
}
