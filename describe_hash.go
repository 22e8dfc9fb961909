package gocron

import (
	"strconv"
	"strings"
	"time"
)

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
