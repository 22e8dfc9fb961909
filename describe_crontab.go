package gocron

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// describeLine is Describe for a crontab.
func describeLine(line string) string {
	// Any name serves: what it decides is not told. Five fields read the same with seconds.
	c, err := parseCrontab(line, true, "any")
	if err != nil {
		return "crontab " + quoted(line)
	}
	w := crontabSpeaker{crontab: c}
	w.findChosen(line)
	return w.words()
}

// words says when c is due.
func (c *crontab) words() string { return (&crontabSpeaker{crontab: c}).words() }

// A crontabSpeaker says in words when a crontab is due.
type crontabSpeaker struct {
	*crontab
	chosen [len(crontabLine)]string // for fields with an H, in place of their numbers
}

// asWell stands between the two fields of the days if either is enough.
const asWell = " as well as on "

const (
	secondField = iota
	minuteField
	hourField
	dateField
	monthField
	weekdayField
)

func (w *crontabSpeaker) words() string {
	if w.every > 0 {
		return w.withZone(every(w.every))
	}
	times, fixed := w.times()
	days, ofMonth := w.days()
	if fixed && days == "" {
		return w.withZone("every day" + w.months(false) + w.yearWords() + " at " + times)
	}
	if fixed {
		times = "at " + times
	}
	months := w.months(ofMonth)
	if months != "" && (strings.HasPrefix(days, ",") || strings.Contains(days, asWell)) {
		months = "," + months
	}
	return w.withZone(times + days + months + w.yearWords())
}

func (w *crontabSpeaker) withZone(text string) string {
	if w.hasChosen() {
		text += " (chosen by the job's name)"
	}
	if w.zone != nil {
		text += " (" + w.zone.String() + ")"
	}
	return text
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

// times says at what times of the day it is due. If fixed, it is a list of them.
func (w *crontabSpeaker) times() (text string, fixed bool) {
	if w.chosen[secondField]+w.chosen[minuteField]+w.chosen[hourField] != "" {
		return w.chosenTimes(), false
	}
	t := clockNumbers{numbersOf(w.fields.second & everyBit), numbersOf(w.fields.minute & everyBit), numbersOf(w.fields.hour & everyBit)}
	if len(t.seconds) > 1 {
		return t.manySeconds(), false
	}
	if text := t.evenly(); text != "" {
		return text, false
	}
	if len(t.minutes)*len(t.hours) <= maxListed && len(t.minutes) < 3 {
		return listed(t.clocks()), true
	}
	return t.manyMinutes(), false
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

// clockNumbers are the times of a day of which hour, minute and second are in the lists.
type clockNumbers struct{ seconds, minutes, hours []int }

func (t clockNumbers) clocks() (words []string) {
	for _, h := range t.hours {
		for _, m := range t.minutes {
			words = append(words, clockWords(h, m, t.seconds[0]))
		}
	}
	return words
}

func (t clockNumbers) everyHour() bool { return len(t.hours) == 24 }

// evenly describes one second that comes once in equal parts of every hour or day.
func (t clockNumbers) evenly() string {
	s, m := t.seconds[0], t.minutes[0]
	minutes := t.minuteRate()
	switch {
	case t.everyHour() && minutes != "":
		return minutes + t.atSecond()
	case len(t.minutes) > 1:
		return ""
	case t.everyHour() && m == 0 && s == 0:
		return "every hour"
	case t.everyHour() && s == 0:
		return "at " + counted(m, "minute") + " past every hour"
	case t.everyHour():
		return fmt.Sprintf("at %s and %s past every hour", counted(m, "minute"), counted(s, "second"))
	}
	if step := cycleOf(t.hours, 24); step > 0 && m == 0 && s == 0 {
		return fmt.Sprintf("every %d hours", step)
	}
	return ""
}

// atSecond names the second unless it is the first of the minute.
func (t clockNumbers) atSecond() string {
	if t.seconds[0] == 0 {
		return ""
	}
	return fmt.Sprintf(", at second %d", t.seconds[0])
}

// minuteRate is how often the minutes come if that is even, else "".
func (t clockNumbers) minuteRate() string { return rate(t.minutes, "minute") }

func rate(numbers []int, unit string) string {
	switch step := cycleOf(numbers, 60); {
	case step == 1:
		return "every " + unit
	case step > 1:
		return fmt.Sprintf("every %d %ss", step, unit)
	case len(numbers) == 2 && numbers[0] == 0 && numbers[1] == 30:
		return "every 30 " + unit + "s"
	}
	return ""
}

// manyMinutes describes more times than can be listed, with one second.
func (t clockNumbers) manyMinutes() string {
	if len(t.minutes) == 1 {
		return t.manyHours()
	}
	if minutes := t.minuteRate(); minutes != "" {
		if len(runsOf(t.hours)) > maxSpans {
			return minutes + t.atSecond() + " of " + t.hourNoun()
		}
		return minutes + t.atSecond() + " " + t.hourSpans(t.minutes[0], t.minutes[len(t.minutes)-1], 0, 0)
	}
	text := ""
	if step := stepOf(t.minutes); step > 0 && len(t.minutes) > 3 {
		text = fmt.Sprintf("%s from %d to %d", everyNth(step, "minute"), t.minutes[0], t.minutes[len(t.minutes)-1])
	} else {
		text = "at " + plainWords(t.minutes) + " minutes"
	}
	return text + " past " + t.hourNoun() + t.atSecond()
}

// everyNth is "every minute" or "every 5 minutes".
func everyNth(step int, unit string) string {
	if step == 1 {
		return "every " + unit
	}
	return fmt.Sprintf("every %d %ss", step, unit)
}

// manyHours describes one time of many hours.
func (t clockNumbers) manyHours() string {
	m, s := t.minutes[0], t.seconds[0]
	if step := stepOf(t.hours); step > 1 {
		return fmt.Sprintf("every %d hours from %s to %s", step, clockWords(t.hours[0], m, s), clockWords(t.hours[len(t.hours)-1], m, s))
	}
	return "every hour " + t.hourSpans(m, m, s, s)
}

// hourSpans says from when to when the hours last, given the first and the last minute and
// second in each.
func (t clockNumbers) hourSpans(firstMinute, lastMinute, firstSecond, lastSecond int) string {
	var spans []string
	for _, run := range runsOf(t.hours) {
		from, to := clockWords(run.from, firstMinute, firstSecond), clockWords(run.to, lastMinute, lastSecond)
		if from == to {
			spans = append(spans, "at "+from)
		} else {
			spans = append(spans, "from "+from+" to "+to)
		}
	}
	return listed(spans)
}

// maxSpans is how many parts of the day are told from when to when they last.
const maxSpans = 3

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

func (t clockNumbers) hourNoun() string {
	switch step := cycleOf(t.hours, 24); {
	case t.everyHour():
		return "every hour"
	case step > 1:
		return "every " + ordinal(step) + " hour"
	case len(t.hours) == 1:
		return fmt.Sprintf("hour %d", t.hours[0])
	}
	return "hours " + plainWords(t.hours)
}

func (t clockNumbers) minuteNoun() string {
	switch step := cycleOf(t.minutes, 60); {
	case step == 1:
		return "every minute"
	case step > 1:
		return "every " + ordinal(step) + " minute"
	case len(t.minutes) == 1:
		return fmt.Sprintf("minute %d", t.minutes[0])
	}
	return "minutes " + plainWords(t.minutes)
}

// manySeconds describes times with several seconds in a minute.
func (t clockNumbers) manySeconds() string {
	first, last := t.seconds[0], t.seconds[len(t.seconds)-1]
	text := rate(t.seconds, "second")
	even := text != ""
	if !even {
		if step := stepOf(t.seconds); step > 0 && len(t.seconds) > 3 {
			text = fmt.Sprintf("%s from %d to %d", everyNth(step, "second"), first, last)
		} else {
			text = "at seconds " + plainWords(t.seconds)
		}
	}
	switch allMinutes := len(t.minutes) == 60; {
	case allMinutes && t.everyHour() && even:
		return text
	case allMinutes && t.everyHour():
		return text + " of every minute"
	case allMinutes && even:
		return text + " " + t.hourSpans(0, 59, first, last)
	case allMinutes:
		return text + " of every minute " + t.hourSpans(0, 59, 0, 0)
	case len(t.minutes)*len(t.hours) == 1:
		return text + " of the minute " + clockWords(t.hours[0], t.minutes[0], 0)
	case len(t.minutes)*len(t.hours) <= maxListed:
		return text + " of the minutes " + listed(clockNumbers{[]int{0}, t.minutes, t.hours}.clocks())
	}
	return text + " of " + t.minuteNoun() + " past " + t.hourNoun()
}

// days says on what days it is due, "" for every day. OfMonth: it ends with days of a
// month that is still to be named.
func (w *crontabSpeaker) days() (text string, ofMonth bool) {
	dates, anyDate := w.dates()
	weekdays, nth, anyWeekday := w.weekdayParts()
	switch {
	case anyDate && anyWeekday:
		return "", false
	case anyWeekday:
		return " on " + listed(dates), true
	case anyDate && len(nth) > 0:
		return " on " + listed(append(weekdays, nth...)), true
	case anyDate && w.chosen[weekdayField] == "" && len(weekdays) == 1 && strings.Contains(weekdays[0], " to "):
		return ", " + weekdays[0], false
	case anyDate:
		return " on " + listed(weekdays), false
	}
	text = " on " + listed(dates) + " of the month" + asWell + listed(append(weekdays, nth...))
	if len(nth) > 0 {
		text += " of the month"
	}
	return text, false
}

// dates names the days of the month, unless they are any.
func (w *crontabSpeaker) dates() (words []string, anyDay bool) {
	f := &w.fields
	if chosen := w.chosen[dateField]; chosen != "" {
		return []string{chosen}, false
	}
	numbers := f.date & everyBit
	if f.date&starBit != 0 || numbers == 1<<32-2 {
		return nil, true
	}
	words = dateWords(numbers)
	return append(words, w.dateForms()...), false
}

// dateForms names the days that L and W stand for.
func (w *crontabSpeaker) dateForms() (words []string) {
	for _, n := range numbersOf(w.fields.nearest &^ 1) {
		words = append(words, "the weekday nearest to the "+ordinal(n))
	}
	if w.fields.nearest&1 != 0 {
		words = append(words, "the last weekday")
	}
	fromEnd := numbersOf(w.fields.fromEnd)
	for i := len(fromEnd) - 1; i >= 0; i-- {
		switch n := fromEnd[i]; n {
		case 0:
			words = append(words, "the last day")
		case 1:
			words = append(words, "the day before the last day")
		default:
			words = append(words, "the "+ordinal(n)+" day before the last day")
		}
	}
	return words
}

// weekdayParts names the days of the week, and those that are counted in the month,
// unless they are any. If every day is named in the other field, they are.
func (w *crontabSpeaker) weekdayParts() (plain, nth []string, anyDay bool) {
	f := &w.fields
	if chosen := w.chosen[weekdayField]; chosen != "" {
		return []string{chosen}, nil, false
	}
	numbers := weekdayNumbers(f.weekday & everyBit)
	if f.weekday&starBit != 0 || numbers == allWeekdays {
		return nil, nil, true
	}
	eachWeekday(f.weekdays, func(week, weekday int64) {
		n := int(week) + 1
		if week == lastWeek {
			n = -1
		}
		nth = append(nth, "the "+NthWeekday{N: n, Weekday: time.Weekday(weekday)}.String())
	})
	return numbers.list(), nth, false
}

// months says in which months it is due. OfMonth: days of the month stand before it.
func (w *crontabSpeaker) months(ofMonth bool) string {
	set := w.fields.month & everyBit
	every := bits.OnesCount64(set) == 12
	runs := monthRuns(set)
	words := listed(monthWords(runs))
	switch isRun := len(runs) == 1 && runs[0].to-runs[0].from > 1; {
	case w.chosen[monthField] != "" && ofMonth:
		return " of " + w.chosen[monthField]
	case w.chosen[monthField] != "":
		return " in " + w.chosen[monthField]
	case every && ofMonth:
		return " of the month"
	case every:
		return ""
	case ofMonth && isRun:
		return " of the month from " + words
	case isRun:
		return " from " + words
	case ofMonth:
		return " of " + words
	}
	return " in " + words
}

// yearWords says in which years it is due.
func (w *crontabSpeaker) yearWords() string {
	if w.fields.years == nil {
		return ""
	}
	var years []int
	written := &w.fields.years.written
	for y, ok := written.from(firstCrontabYear); ok; y, ok = written.from(y + 1) {
		years = append(years, int(y))
	}
	first, last := years[0], years[len(years)-1]
	switch step := stepOf(years); {
	case step == 1:
		return fmt.Sprintf(" from %d to %d", first, last)
	case step > 1 && len(years) > 3:
		return fmt.Sprintf(" every %d years from %d to %d", step, first, last)
	case len(runsOf(years)) > maxListed:
		return fmt.Sprintf(" in %d years from %d to %d", len(years), first, last)
	}
	return " in " + plainWords(years)
}
