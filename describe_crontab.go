package gocron

import (
	"cmp"
	"fmt"
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
	var text string
	if w.every > 0 {
		text = every(w.every)
	} else {
		text = w.fieldWords()
	}
	if strings.Join(w.chosen[:], "") != "" {
		text += " (chosen by the job's name)"
	}
	if w.zone != nil {
		text += " (" + w.zone.String() + ")"
	}
	return text
}

func (w *crontabSpeaker) fieldWords() string {
	times, fixed := w.times()
	days, ofMonth := w.days()
	months, years := w.months(ofMonth), w.yearWords()
	if fixed && days == "" {
		return "every day" + months + years + " at " + times
	}
	if fixed {
		times = "at " + times
	}
	if months != "" && (strings.HasPrefix(days, ",") || strings.Contains(days, asWell)) {
		months = "," + months
	}
	return times + days + months + years
}

// findChosen notes the fields of line, which can be read, that have an H.
func (w *crontabSpeaker) findChosen(line string) {
	rest, _ := (&crontab{}).readZone(line)
	fields := strings.Fields(rest)
	if len(fields) < 5 {
		return // a word
	}
	first := max(0, len(crontabLine)-len(fields)) // five fields have no second
	for i := first; i < len(crontabLine); i++ {
		w.chosen[i] = crontabLine[i].chosenWords(fields[i-first])
	}
}

// chosenWords describes a field with an H in one of its parts. It returns "" for another field.
func (f *crontabField) chosenWords(text string) string {
	parts, found := strings.Split(text, ","), false
	for i, part := range parts {
		if part[0] == 'H' {
			parts[i], found = f.chosenPart(part), true
		}
	}
	if !found {
		return ""
	}
	return listed(parts)
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
	t := clockNumbers{numbersOf(w.fields.second & everyBit), numbersOf(w.fields.minute & everyBit), numbersOf(w.fields.hour & everyBit)}
	if w.chosen[secondField]+w.chosen[minuteField]+w.chosen[hourField] != "" {
		return w.chosenTimes(t), false
	}
	if len(t.seconds) > 1 {
		return t.manySeconds(), false
	}
	if text := t.evenly(); text != "" {
		return text, false
	}
	if len(t.minutes)*len(t.hours) <= maxListed && len(t.minutes) < 3 {
		return listed(clockTimes(t.hours, t.minutes, t.seconds[0])), true
	}
	return t.manyMinutes(), false
}

// chosenTimes says at what times of the day it is due if one of the fields has an H.
func (w *crontabSpeaker) chosenTimes(t clockNumbers) string {
	text := "at "
	if second := cmp.Or(w.chosen[secondField], t.secondNoun()); second != "" {
		text += second + " of "
	}
	text += cmp.Or(w.chosen[minuteField], t.minuteNoun()) + " of " + cmp.Or(w.chosen[hourField], t.hourNoun())
	if days, _ := w.days(); days == "" && (w.chosen[hourField] != "" || !t.everyHour()) {
		text += " every day"
	}
	return text
}

// clockNumbers are the times of a day of which hour, minute and second are in the lists.
type clockNumbers struct{ seconds, minutes, hours []int }

func (t clockNumbers) everyHour() bool { return len(t.hours) == 24 }

// evenly describes one second that comes once in equal parts of every hour or day.
func (t clockNumbers) evenly() string {
	s, m := t.seconds[0], t.minutes[0]
	minutes, hours := rate(t.minutes, "minute"), cycleOf(t.hours, 24)
	switch {
	case hours == 1 && minutes != "":
		return minutes + t.atSecond()
	case len(t.minutes) > 1:
		return ""
	case hours > 0 && m == 0 && s == 0:
		return everyPeriod(uint(hours), "hour")
	case hours != 1:
		return ""
	case s == 0:
		return "at " + counted(m, "minute") + " past every hour"
	}
	return fmt.Sprintf("at %s and %s past every hour", counted(m, "minute"), counted(s, "second"))
}

// atSecond names the second unless it is the first of the minute.
func (t clockNumbers) atSecond() string {
	if t.seconds[0] == 0 {
		return ""
	}
	return fmt.Sprintf(", at second %d", t.seconds[0])
}

// manyMinutes describes more times than can be listed, with one second.
func (t clockNumbers) manyMinutes() string {
	if len(t.minutes) == 1 {
		return t.manyHours()
	}
	if minutes := rate(t.minutes, "minute"); minutes != "" {
		if len(runsOf(t.hours)) > maxSpans {
			return minutes + t.atSecond() + " of " + t.hourNoun()
		}
		return minutes + t.atSecond() + " " + t.hourSpans(t.minutes[0], t.minutes[len(t.minutes)-1], 0, 0)
	}
	minutes := cmp.Or(rateWithin(t.minutes, "minute"), "at "+plainWords(t.minutes)+" minutes")
	return minutes + " past " + t.hourNoun() + t.atSecond()
}

// manyHours describes one time of many hours.
func (t clockNumbers) manyHours() string {
	m, s := t.minutes[0], t.seconds[0]
	if step := stepOf(t.hours); step > 1 {
		return fmt.Sprintf("%s from %s to %s", everyPeriod(uint(step), "hour"), clockWords(t.hours[0], m, s), clockWords(t.hours[len(t.hours)-1], m, s))
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

func (t clockNumbers) hourNoun() string   { return noun(t.hours, 24, "hour") }
func (t clockNumbers) minuteNoun() string { return noun(t.minutes, 60, "minute") }

// secondNoun names the seconds unless they are the first of the minute alone.
func (t clockNumbers) secondNoun() string {
	switch {
	case len(t.seconds) == 1 && t.seconds[0] == 0:
		return ""
	case cycleOf(t.seconds, 60) > 1:
		return "seconds " + plainWords(t.seconds)
	}
	return noun(t.seconds, 60, "second")
}

// manySeconds describes times with several seconds in a minute.
func (t clockNumbers) manySeconds() string {
	first, last := t.seconds[0], t.seconds[len(t.seconds)-1]
	even := rate(t.seconds, "second")
	text := cmp.Or(even, rateWithin(t.seconds, "second"), "at seconds "+plainWords(t.seconds))
	if len(t.minutes) == 60 {
		if even == "" {
			text += " of every minute"
			first, last = 0, 0
		}
		if !t.everyHour() {
			text += " " + t.hourSpans(0, 59, first, last)
		}
		return text
	}
	switch times := len(t.minutes) * len(t.hours); {
	case times == 1:
		return text + " of the minute " + clockWords(t.hours[0], t.minutes[0], 0)
	case times <= maxListed:
		return text + " of the minutes " + listed(clockTimes(t.hours, t.minutes, 0))
	}
	return text + " of " + t.minuteNoun() + " past " + t.hourNoun()
}

// days says on what days it is due, "" for every day. OfMonth: it ends with days of a
// month that is still to be named.
func (w *crontabSpeaker) days() (text string, ofMonth bool) {
	dates, anyDate := w.dates()
	weekdays, nth, anyWeekday := w.weekdayParts()
	named, ofMonth := listed(append(weekdays, nth...)), len(nth) > 0
	switch {
	case anyDate && anyWeekday:
		return "", false
	case anyWeekday:
		return " on " + listed(dates), true
	case anyDate && !ofMonth && w.chosen[weekdayField] == "" && len(weekdays) == 1 && strings.Contains(named, " to "):
		return ", " + named, false
	case anyDate:
		return " on " + named, ofMonth
	}
	text = " on " + listed(dates) + " of the month" + asWell + named
	if ofMonth {
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
	if f.date&starBit != 0 || f.date == 1<<32-2 {
		return nil, true
	}
	return append(dateWords(f.date), w.dateForms()...), false
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
	if f.weekday&starBit != 0 || f.weekday == oneWeek {
		return nil, nil, true
	}
	eachWeekday(f.weekdays, func(week, weekday int64) {
		n := int(week) + 1
		if week == lastWeek {
			n = -1
		}
		nth = append(nth, "the "+NthWeekday{N: n, Weekday: time.Weekday(weekday)}.String())
	})
	return weekdayWords(f.weekday), nth, false
}

// months says in which months it is due. OfMonth: days of the month stand before it.
func (w *crontabSpeaker) months(ofMonth bool) string {
	before, month := " in ", ""
	if ofMonth {
		before, month = " of ", " of the month"
	}
	numbers := numbersOf(w.fields.month & everyBit)
	runs := roundRuns(numbers, 1, 12)
	words := listed(runWords(runs, func(n int) string { return time.Month((n-1)%12 + 1).String() }))
	switch chosen := w.chosen[monthField]; {
	case chosen != "":
		return before + chosen
	case len(numbers) == 12:
		return month
	case len(runs) == 1 && runs[0].to-runs[0].from > 1:
		return month + " from " + words
	}
	return before + words
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
