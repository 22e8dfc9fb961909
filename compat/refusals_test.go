package compat

import (
	"math/rand"
	"strings"
	"testing"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// refusalCase takes a good case and breaks one to three things of it.
func refusalCase(seed int64, id int) spec.Case {
	c := scheduleCase(seed, id)
	c.Refusal, c.Late, c.Steps = true, false, 0
	r := rand.New(rand.NewSource(seed<<20 + int64(id) + 1<<40))
	for n := 1 + r.Intn(3); n > 0; n-- {
		spoil(r, &c)
	}
	return c
}

func spoil(r *rand.Rand, c *spec.Case) {
	switch r.Intn(10) {
	case 0, 1:
		c.Task = oneOf(r, tasks...)
	case 2, 3:
		c.Options = append(c.Options, oneOf(r, options...))
	case 4:
		c.Global = append(c.Global, oneOf(r, options...))
	case 5:
		c.Sched = append(c.Sched, oneOf(r, schedulerOptions...))
	case 6:
		spoilBounds(r, c)
	default:
		spoilDefinition(r, c)
	}
}

func spoilBounds(r *rand.Rand, c *spec.Case) {
	any := func() spec.Moment {
		m := c.Now
		m.Unix += int64(r.Intn(7)-3) * 3600
		m.Zero = chance(r, 20)
		return m
	}
	if chance(r, 70) {
		c.Start = &spec.Start{How: oneOf(r, spec.StartAt, spec.StartPast), At: any()}
	}
	if chance(r, 70) {
		m := any()
		c.Stop = &m
	}
	c.Swap = chance(r, 50)
}

// carelessCrontabs are read by the other side as if a part of them were not there.
var carelessCrontabs = []string{
	"@every 0s", "@every -5s", "@every 1ms", "*-5 * * * *", "* *-foo * * *", "1,,2 * * * *", "1, * * * *", "+5 * * * *", "*/90 * * * *", "CRON_TZ= * * * * *",
	"TZ= * * * * *", "@every 1500ms", "?-3 * * * *", "* ?-foo * * *", ",1 * * * *", ", * * * *", "* */25 * * *", "1-5/61 * * * *", "* * */32 * *", "* * * 2/13 *",
	"* * * * */8",
}

// widerCrontabs are read by this side alone.
var widerCrontabs = []string{
	"* * * * 7", "0 0 * * 5-7", "0 0 * * 1-7/2", "0 22-2 * * *", "50-10/5 * * * *", "0 0 * nov-feb *", "0 0 L * *", "0 0 l-3 * *", "0 0 15W * *", "0 0 LW * *",
	"0 0 * * 5L", "0 0 * * fri#2", "0 0 1,15W,L * 1#1,0L", "H H * * *",
}

func spoilDefinition(r *rand.Rand, c *spec.Case) {
	switch c.Kind {
	case spec.Cron:
		c.Crontab = oneOf(r, append(append(carelessCrontabs[:len(carelessCrontabs):len(carelessCrontabs)], widerCrontabs...), "", "x", "* * L-31 * *", "* * * * L", "* * 32W * *", "* * * * 5#6", " @daily", "@daily\n", "@Daily", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "0 0 30 2 *", "* * * 13 *",
			"* * * * 8", "CRON_TZ=Nowhere * * * * *", "@nothing", "@every", "@every x", "*/0 * * * *", "0 0 31 4 *", "* * * * * * *")...)
	case spec.Duration:
		c.Min = -c.Min * oneOf[duration64](r, 0, 1)
	case spec.Random:
		c.Min, c.Max = oneOf[duration64](r, -1, 0, 1, 5), oneOf[duration64](r, -1, 0, 1, 5)
	case spec.OneTime:
		for i := range c.Times {
			c.Times[i] = spec.Moment{Unix: c.Now.Unix - int64(i), Nano: c.Now.Nano, Zone: c.Now.Zone, Zero: chance(r, 20)}
		}
	default:
		spoilCalendar(r, c)
	}
}

func spoilCalendar(r *rand.Rand, c *spec.Case) {
	switch r.Intn(6) {
	case 0:
		c.Interval = 0
	case 1:
		c.Ats = oneOf(r, spec.Ats{Nil: true}, spec.Ats{Empty: true})
	case 2, 3:
		bad := oneOf(r, spec.At{Nil: true}, spec.At{H: 24}, spec.At{M: 60}, spec.At{S: 60}, spec.At{H: 25, M: 61, S: 61}, spec.At{H: 23, M: 99})
		c.Ats.Times = append(c.Ats.Times, bad)
		r.Shuffle(len(c.Ats.Times), func(i, k int) { c.Ats.Times[i], c.Ats.Times[k] = c.Ats.Times[k], c.Ats.Times[i] })
	case 4:
		c.Weekdays = oneOf(r, spec.Ints{Nil: true}, spec.Ints{Empty: true}, spec.Ints{Values: []int{7}}, spec.Ints{Values: []int{-1, 2}})
		c.Days = oneOf(r, spec.Ints{Nil: true}, spec.Ints{Values: []int{0}}, spec.Ints{Values: []int{32}}, spec.Ints{Values: []int{3, -32}})
	case 5:
		c.Interval = 12
		c.Days.Values = []int{oneOf(r, 30, 31, -30, -31, 29)}
	}
}

func TestRefusals(t *testing.T) {
	n := 8000
	if *longFlag {
		n = 40000
	}
	p := newPair(t)
	p.all(n, refusalCase, p.checkRefusal)
	p.report(func(d difference) bool { return d.mend != nil })
}

// checkRefusal runs a case, and where the two differ, once more without what
// they are meant to differ in.
func (p *pair) checkRefusal(c spec.Case) {
	theirs, ours := p.run(c, deadline)
	if ours.Panic != "" || ours.Died != "" || ours.Wedged {
		p.fail(c, theirs, ours, "a bad argument must be an error")
		return
	}
	if alike(theirs, ours) {
		p.same++
		return
	}
	names := p.cure(c)
	if len(names) == 0 {
		p.fail(c, theirs, ours, "a difference that is in no row of the table")
	}
	for _, name := range names {
		p.hits[name]++
	}
}

// cure names the one row that makes the two agree when it is mended, or else all
// that the case has, if they do so together.
func (p *pair) cure(c spec.Case) []string {
	mended := c
	var names []string
	for _, d := range differences {
		if d.mend == nil {
			continue
		}
		one, had := d.mend(c)
		if !had {
			continue
		}
		if theirs, ours := p.run(one, deadline); alike(theirs, ours) {
			return []string{d.name}
		}
		mended, _ = d.mend(mended)
		names = append(names, d.name)
	}
	if theirs, ours := p.run(mended, deadline); alike(theirs, ours) {
		return names
	}
	return nil
}

// alike tells whether two results are the same to a program. Errors that programs compare
// with == must be the very same; any other may be wrapped in a line of its own text.
func alike(theirs, ours spec.Result) bool {
	if text(theirs) == text(ours) {
		return true
	}
	if theirs.Err == "" || ours.Err == "" || comparedDirectly(theirs.Bare) || strings.Contains(ours.Err, "\n") {
		return false
	}
	for _, name := range theirs.Is {
		if !contains(ours.Is, name) {
			return false
		}
	}
	theirs.Err, theirs.Is, theirs.Bare = "", nil, ""
	ours.Err, ours.Is, ours.Bare = "", nil, ""
	return text(theirs) == text(ours)
}

// comparedDirectly tells whether programs compare a sentinel with ==.
func comparedDirectly(name string) bool {
	switch name {
	case "ErrCronJobInvalid", "ErrOneTimeJobStartDateTimePast", "ErrSchedulerMonitorNil", "ErrEventListenerFuncNil":
		return true
	}
	return strings.HasPrefix(name, "ErrWith") && strings.HasSuffix(name, "Nil")
}
