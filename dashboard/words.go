package dashboard

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
)

// moment is a time that a page shows: exactly, and in words against now. The words change by
// themselves: where now is zero they are left out, so that two renderings of the same facts are
// equal, and the script of the page puts them in. It has the same rules.
type moment struct{ at, now time.Time }

// Known reports whether there is such a time.
func (m moment) Known() bool { return !m.at.IsZero() }

// ISO is for machines.
func (m moment) ISO() string { return m.at.Format(time.RFC3339Nano) }

// Exact has the zone's offset, as the name of the zone is not known.
func (m moment) Exact() string { return exact(m.at) }

// Clock is the time of the day, with the date if that is another than now's.
func (m moment) Clock() string {
	if y, d := m.now.Year(), m.now.YearDay(); m.at.Year() == y && m.at.YearDay() == d {
		return m.at.Format("15:04:05")
	}
	return m.at.Format("2 Jan 15:04:05")
}

// Words is such as "in 5 min", "3 h 10 min ago" or "now".
func (m moment) Words() string {
	switch d := m.at.Sub(m.now); {
	case m.now.IsZero():
		return ""
	case d >= time.Second:
		return "in " + span(d)
	case d <= -time.Second:
		return span(-d) + " ago"
	default:
		return "now"
	}
}

// For is how long it is ago, such as "12 s".
func (m moment) For() string {
	if m.now.IsZero() {
		return ""
	}
	return span(max(0, m.now.Sub(m.at)))
}

func exact(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("Mon 2006-01-02 15:04:05 -07:00")
}

// span is a duration in whole units, the way that people say it.
func span(d time.Duration) string {
	seconds := int64(d / time.Second)
	minutes, hours := seconds/60, seconds/3600
	switch {
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case hours < 48 && minutes%60 == 0:
		return fmt.Sprintf("%d h", hours)
	case hours < 48:
		return fmt.Sprintf("%d h %d min", hours, minutes%60)
	default:
		return fmt.Sprintf("%d days", hours/24)
	}
}

// duration is a measured one, to three digits or so.
func duration(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	default:
		return d.Round(time.Second).String()
	}
}

// number is exact, with a comma after each three digits.
func number[N int | uint | uint64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// look is how an outcome, or the stage of a run, is shown: a mark that serves without colour, and a
// class for the colour.
type look struct {
	Word  string
	Mark  string
	Class string
	Means string
	worth int // of several in one cell the one worth most is shown
}

// looks are all of them, in the order of the legend.
var looks = []look{
	{"succeeded", "✓", "good", "the task returned without an error", 3},
	{"failed", "✗", "bad", "the task returned an error", 13},
	{"panicked", "!", "bad", "the task panicked", 15},
	{"timed-out", "T", "bad", "the task took longer than it may", 14},
	{"interrupted", "I", "bad", "the program ended before the run did", 16},
	{"missed", "M", "warn", "the scheduler could not run it then: it was stopped, the program was down or the machine slept", 12},
	{"store-down", "B", "warn", "its begin could not be written to the store, so it was not run", 11},
	{"engine-down", "E", "warn", "the elector or the locker could not be asked, so it was not run", 10},
	{"dropped-queue-full", "D", "warn", "it had to wait, and the queue was full", 9},
	{"refused", "R", "warn", "a listener refused it", 8},
	{"cancelled", "C", "warn", "it was cancelled, or its job was stopped, replaced or removed", 7},
	{"paused", "P", "calm", "the job was paused", 6},
	{"skipped-singleton", "S", "calm", "another run of the job was in progress", 5},
	{"skipped-limit", "L", "calm", "there was no free slot", 4},
	{"not-leader", "N", "calm", "another node leads", 2},
	{"locked-elsewhere", "K", "calm", "another node had the lock", 1},
	{"running", "►", "busy", "it is in progress", 17},
	{"waiting", "W", "busy", "it waits for a slot or for another run of its job", 18},
	{"retrying", "↻", "busy", "it failed and waits for its next attempt", 19},
	{"due", "○", "due", "it is due in the future", 0},
}

// lookOf returns the look of a word, also of one that this version does not know.
func lookOf(word string) look {
	for _, l := range looks {
		if l.Word == word {
			return l
		}
	}
	return look{Word: word, Mark: "?", Class: "calm", worth: 1}
}

// what says in one sentence what happened to a run, and why.
func (r runFacts) what() string {
	var b strings.Builder
	b.WriteString(r.word())
	if r.MissedCount > 1 {
		fmt.Fprintf(&b, ", %s times from %s to %s", number(r.MissedCount), exact(r.ScheduledAt), exact(r.MissedLast))
	}
	switch {
	case r.Outcome != "missed" || r.MissedTo.IsZero():
	case r.MissedCount > 0:
		fmt.Fprintf(&b, ": the scheduler could not run it then, and went on at %s", exact(r.MissedTo))
	default: // nobody has counted
		fmt.Fprintf(&b, ": the scheduler could not run it from %s to %s", exact(r.MissedFrom), exact(r.MissedTo))
	}
	if r.Attempt > 1 {
		fmt.Fprintf(&b, ", attempt %d", r.Attempt)
	}
	switch r.WaitsFor {
	case "slot":
		b.WriteString(" for a slot" + inPool(r.Pool))
	case "job":
		b.WriteString(" for another run of its job")
	}
	switch means := lookOf(r.word()).Means; {
	case r.Err != "":
		b.WriteString(": " + r.Err)
	case r.Outcome == "succeeded" || r.Outcome == "missed" && !r.MissedTo.IsZero() || r.Stage != "":
	case means != "":
		b.WriteString(": " + means)
	}
	if r.caughtUp() {
		fmt.Fprintf(&b, "; it was missed when it was due, and caught up at %s", exact(r.StartedAt))
	}
	return b.String()
}

// dated is what happened to a run, and when it was due.
func (r runFacts) dated() string {
	if r.MissedCount > 1 {
		return r.what() // which says from when to when
	}
	return exact(r.ScheduledAt) + ": " + r.what()
}

// caughtUp reports whether the run was made late, for an occurrence that was missed.
func (r runFacts) caughtUp() bool { return r.Trigger == "catch-up" && !r.StartedAt.IsZero() }

// lastDue is when the last occurrence was due that the run, or the record, stands for.
func (r runFacts) lastDue() time.Time {
	if r.MissedLast.After(r.ScheduledAt) {
		return r.MissedLast
	}
	return r.ScheduledAt
}

func inPool(pool string) string {
	if pool == "" {
		return ""
	}
	return fmt.Sprintf(" of pool %q", pool)
}

// word is the outcome, or the stage of a run that has none.
func (r runFacts) word() string {
	if r.Outcome != "" && r.Outcome != "pending" {
		return r.Outcome
	}
	if r.Stage != "" {
		return r.Stage
	}
	return "running"
}

// took is the time of the last attempt, zero for a run that was not performed.
func (r runFacts) took() time.Duration {
	if r.StartedAt.IsZero() || r.FinishedAt.IsZero() {
		return 0
	}
	return max(0, r.FinishedAt.Sub(r.StartedAt))
}

// templateFuncs are what the templates may call.
var templateFuncs = template.FuncMap{
	"exact":    exact,
	"look":     lookOf,
	"number":   number[int],
	"number64": number[uint64],
	"numberU":  number[uint],
	"looks":    func() []look { return looks },
}
