//go:build go1.25

package store_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// An era is the time in which a job has one schedule, and one phase.
type era struct {
	from, to   time.Time // to is zero while it lasts
	definition gocron.JobDefinition
	options    []gocron.JobOption
	next       func(e *era, t time.Time) time.Time // the first occurrence after a time, by the plainest means; nil if nobody can tell
	words      string

	start, stop time.Time              // zero for none
	delay       time.Duration          // the most that WithJitter adds
	excludes    func(t time.Time) bool // by a calendar, nil for none
}

// after is the first occurrence after t.
func (e *era) after(t time.Time) time.Time {
	for {
		switch next := e.next(e, t); {
		case t.Before(e.start):
			t = e.start
		case next.IsZero(), !e.stop.IsZero() && next.After(e.stop):
			return time.Time{}
		default:
			t = next
		}
		if !e.stop.IsZero() && t.After(e.stop) {
			return time.Time{}
		}
		if e.excludes == nil || !e.excludes(t) {
			return t
		}
	}
}

// neverRuns reports whether the era has no occurrence but a start time.
func (e *era) neverRuns() bool {
	bare := *e
	bare.start = time.Time{}
	return bare.after(e.from).IsZero()
}

// origin is what intervals count from.
func (e *era) origin() time.Time {
	if e.start.IsZero() {
		return e.from
	}
	return e.start
}

// A plan is a schedule that is drawn: what it says goes into an era.
type plan struct {
	words      string
	once       bool // a OneTimeJob
	definition gocron.JobDefinition
	option     gocron.JobOption
	next       func(e *era, t time.Time) time.Time
}

// every is for intervals that count from the beginning of the era.
func every(d time.Duration) func(*era, time.Time) time.Time {
	return func(e *era, t time.Time) time.Time { return e.origin().Add(d * (max(t.Sub(e.origin()), 0)/d + 1)) }
}

// oneOf is for times of which all seconds are asked.
func oneOf(is func(second int64) bool) func(*era, time.Time) time.Time {
	return func(_ *era, t time.Time) time.Time {
		for t = t.Truncate(time.Second).Add(time.Second); !is(t.Unix()); t = t.Add(time.Second) {
		}
		return t
	}
}

// those is for the given times.
func those(times []time.Time) func(*era, time.Time) time.Time {
	slices.SortFunc(times, time.Time.Compare)
	return func(_ *era, t time.Time) time.Time {
		for _, at := range times {
			if at.After(t) {
				return at
			}
		}
		return time.Time{}
	}
}

// A grid is a Cron and a Schedule of the user's: it is due every so many seconds.
type grid int64

func (g grid) IsValid(string, *time.Location, time.Time) error { return nil }

func (g grid) Next(t time.Time) time.Time {
	return time.Unix((t.Unix()/int64(g)+1)*int64(g), 0).In(t.Location())
}

func (w *world) drawTimes() []time.Time {
	var times []time.Time
	for range 1 + w.random.Intn(8) {
		times = append(times, time.Now().Add(time.Second+w.seconds(600)))
	}
	return times
}

// drawCron is a crontab that the job never had, and every how many seconds it is due.
func (w *world) drawCron(k *work) (line string, seconds int64) {
	n := 2 + w.random.Intn(28)
	return fmt.Sprintf("*/%d * * * * %s", n, strings.Repeat("0-7,", k.schedules)+"*"), int64(n)
}

// drawPlan draws a schedule that the job never had.
func (w *world) drawPlan(k *work) plan {
	k.schedules++
	unique := time.Duration(k.schedules) * time.Millisecond
	switch w.random.Intn(9) {
	case 0, 1, 2:
		d := time.Duration(1+w.random.Intn(60))*time.Second + unique
		return plan{words: fmt.Sprintf("every %v", d), definition: gocron.DurationJob(d), next: every(d)}
	case 3, 4:
		line, n := w.drawCron(k)
		return plan{words: line, definition: gocron.CronJob(line, true), next: oneOf(func(s int64) bool { return s%60%n == 0 })}
	case 5:
		line, n := w.drawCron(k)
		other := 7 + int64(w.random.Intn(50))
		return plan{words: fmt.Sprintf("any of %s and second %d", line, other),
			definition: gocron.AnyOf(gocron.CronJob(line, true), gocron.CronJob(fmt.Sprintf("%d * * * * *", other), true)),
			next:       oneOf(func(s int64) bool { return s%60%n == 0 || s%60 == other })}
	case 6:
		line, n := w.drawCron(k)
		return plan{words: "own cron: " + line, definition: gocron.CronJob(line, true), option: gocron.WithCronImplementation(grid(n)),
			next: oneOf(func(s int64) bool { return s%n == 0 })}
	case 7:
		if k.hasGrid { // schedules of one type are not told apart
			break
		}
		k.hasGrid = true
		n := int64(2 + w.random.Intn(28))
		return plan{words: fmt.Sprintf("own schedule: %d s", n), definition: gocron.ScheduleJob(grid(n)),
			next: oneOf(func(s int64) bool { return s%n == 0 })}
	}
	times := w.drawTimes()
	return plan{words: fmt.Sprintf("at %d times", len(times)), once: true, definition: gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(times...)), next: those(times)}
}

// draw begins an era of the job with a schedule that it never had.
func (w *world) draw(k *work) {
	e := &era{}
	for e.next == nil || e.neverRuns() { // such a job would be refused
		p := w.drawPlan(k)
		if p.once && k.immediate {
			continue
		}
		e = &era{from: time.Now(), definition: p.definition, next: p.next, words: p.words}
		if p.option != nil {
			e.options = append(e.options, p.option)
		}
		w.drawWindow(k, e)
	}
	k.begin(e)
	w.note("%s is due %s", k.name, e.words)
}

// drawWindow draws when the era's schedule begins and ends, what is left out, and how late it is.
func (w *world) drawWindow(k *work, e *era) {
	switch {
	case k.immediate:
		e.words += " and at once"
		e.options = append(e.options, gocron.WithStartAt(gocron.WithStartImmediately()))
	case w.chance(15):
		e.start = time.Now().Add(w.seconds(90) - 30*time.Second)
		e.words += fmt.Sprintf(" from %v", e.start.Sub(w.began))
		e.options = append(e.options, gocron.WithStartAt(gocron.WithStartDateTimePast(e.start)))
	}
	if w.chance(10) {
		e.stop = time.Now().Add(90*time.Second + w.seconds(900))
		e.words += fmt.Sprintf(" to %v", e.stop.Sub(w.began))
		e.options = append(e.options, gocron.WithStopAt(gocron.WithStopDateTime(e.stop)))
	}
	if w.chance(15) {
		e.delay = time.Second + w.seconds(40)
		e.words += fmt.Sprintf(" up to %v late", e.delay)
		e.options = append(e.options, gocron.WithJitter(e.delay))
	}
	if w.chance(15) {
		n := int64(2 + w.random.Intn(4))
		e.excludes = func(t time.Time) bool { return t.Unix()/60%n == 0 }
		e.words += fmt.Sprintf(" but not in every %d. minute", n)
		e.options = append(e.options, gocron.WithCalendar(func(t time.Time) bool { return !e.excludes(t) }))
	}
}

// A work is one job of a random program, over all processes.
type work struct {
	name      string
	former    string    // its name before that, "" for none
	lastRun   time.Time // before the first process, zero if it is not known
	eras      []*era
	schedules int // that it had
	hasGrid   bool
	options   []gocron.JobOption
	retries   bool
	reruns    bool
	immediate bool               // by WithStartImmediately
	limit     int                // of WithLimitedRuns, 0 for none
	uncertain int                // how many may have been counted that have not begun
	begins    map[int64][]string // of tasks, by the time at which the run was due: how each ended
	asked     map[int64]bool     // by RunNow
}

// era is the present one.
func (k *work) era() *era { return k.eras[len(k.eras)-1] }

// begin begins an era now.
func (k *work) begin(e *era) {
	e.from = time.Now()
	k.end()
	k.eras = append(k.eras, e)
}

// end ends the present era, if it has not ended.
func (k *work) end() {
	if len(k.eras) > 0 && k.era().to.IsZero() {
		k.era().to = time.Now()
	}
}

// beginAnew begins an era with the schedule of the present one if the job runs at once: that run
// stands for what was missed, and intervals count from it.
func (k *work) beginAnew() {
	if k.immediate {
		e := *k.era()
		k.end()
		e.to = time.Time{}
		k.begin(&e)
	}
}

// allOptions are those with which the job is made now.
func (k *work) allOptions() []gocron.JobOption {
	options := slices.Concat([]gocron.JobOption{gocron.WithName(k.name)}, k.options, k.era().options)
	if k.former != "" {
		options = append(options, gocron.WithFormerName(k.former))
	}
	if !k.lastRun.IsZero() {
		options = append(options, gocron.WithLastRun(k.lastRun))
	}
	return options
}

// rename gives the job another name.
func (w *world) rename(k *work) {
	k.former, k.name = k.name, k.name+"'"
	w.note("%s is %s now", k.former, k.name)
}

// forget is for a job of which the store has been told to forget everything.
func (k *work) forget() {
	e := *k.era()
	k.eras, k.former, k.lastRun = nil, "", time.Time{}
	k.begins, k.asked = make(map[int64][]string), make(map[int64]bool)
	k.begin(&e)
}

func (w *world) drawWork(name string) *work {
	k := &work{name: name, begins: make(map[int64][]string), asked: make(map[int64]bool), immediate: w.chance(10)}
	words := w.drawMissed(k)
	if w.chance(30) {
		k.reruns, words = true, words+" rerun"
		k.options = append(k.options, gocron.WithRerunInterrupted(uint(1+w.random.Intn(3))))
	}
	if w.chance(30) {
		k.retries, words = true, words+" retry"
		wait := time.Second + w.seconds(20)
		more := w.seconds(10)
		k.options = append(k.options, gocron.WithRetry(gocron.RetryPolicy{Attempts: 2 + w.random.Intn(2), Backoff: func(failed int) time.Duration {
			return wait + more*time.Duration(failed-1)
		}}))
	}
	if w.chance(50) {
		mode := []gocron.LimitMode{gocron.LimitModeReschedule, gocron.LimitModeWait, gocron.LimitModeQueueOne, gocron.LimitModeReplace}[w.random.Intn(4)]
		words += fmt.Sprintf(" singleton %d", mode)
		k.options = append(k.options, gocron.WithSingletonMode(mode))
	}
	if w.chance(30) {
		words += " in a pool"
		k.options = append(k.options, gocron.InPool("pool"))
	}
	if w.chance(15) {
		k.limit = 1 + w.random.Intn(12)
		words += fmt.Sprintf(" %d runs", k.limit)
		k.options = append(k.options, gocron.WithLimitedRuns(uint(k.limit)))
	}
	w.note("%s: %s", k.name, words)
	return k
}

// drawLastRun draws whether the job's program knows when it ran before it had a store.
func (w *world) drawLastRun(k *work) {
	e := k.era()
	if !w.chance(20) || k.limit > 0 || k.immediate {
		return
	}
	k.lastRun = time.Now().Add(-w.seconds(300)).Add(-time.Nanosecond)
	e.from = k.lastRun
	w.note("%s ran at %v", k.name, k.lastRun.Sub(w.began))
}

func (w *world) drawMissed(k *work) string {
	within := time.Duration(0)
	if w.chance(30) {
		within = time.Second + w.seconds(120)
	}
	var option gocron.JobOption
	words := ""
	switch w.random.Intn(4) {
	case 0:
		return "nothing said"
	case 1:
		words, within = "skip", 0
		option = gocron.WithMissed(gocron.MissedSkip, 0)
	case 2:
		words = "once"
		option = gocron.WithMissed(gocron.MissedRunOnce, within)
	default:
		words = "all"
		option = gocron.WithMissed(gocron.MissedRunAll, within, uint(1+w.random.Intn(20)))
	}
	k.options = append(k.options, option)
	return fmt.Sprintf("%s within %v", words, within)
}
