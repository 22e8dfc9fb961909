package compat

import (
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// A special is a case that the other side does not survive: it spins for ever,
// hangs or crashes. Each costs a deadline, so the generator stays clear of them.
type special struct {
	name   string
	reason string
	set    func(*spec.Case)
	ours   string // the error of NewJob: a sentinel's name, or "other"
}

var specials = []special{
	{"no at-times", "a definition that can never fire is refused", func(c *spec.Case) {
		c.Kind, c.Ats = spec.Daily, spec.Ats{Empty: true}
	}, "other"},
	{"no weekdays", "a definition that can never fire is refused", func(c *spec.Case) {
		c.Kind, c.Weekdays = spec.Weekly, spec.Ints{Empty: true}
	}, "other"},
	{"the 31st of every April", "a definition that can never fire is refused", func(c *spec.Case) {
		c.Kind, c.Interval, c.Days = spec.Monthly, 12, spec.Ints{Values: []int{31}}
	}, "other"},
	{"one instant in two zones", "two zones, one instant: one run", func(c *spec.Case) {
		c.Kind, c.Steps = spec.OneTime, 2
		c.Times = []spec.Moment{{Unix: c.Now.Unix + 60, Zone: "UTC"}, {Unix: c.Now.Unix + 60, Zone: "Asia/Tokyo"}}
	}, ""},
	{"one-time instant passed before Start", "an instant that passed before the first Start never runs", func(c *spec.Case) {
		c.Kind, c.Idle = spec.OneTime, time.Hour
		c.Times = []spec.Moment{{Unix: c.Now.Unix + 60, Zone: "UTC"}}
	}, ""},
	{"a long way from the start", "next runs are computed, not counted through", func(c *spec.Case) {
		c.Kind, c.Min = spec.Duration, 7*time.Millisecond
		c.Start = &spec.Start{How: spec.StartPast, At: spec.Moment{Unix: c.Now.Unix - 20*365*86400 - 1, Zone: "UTC"}}
	}, ""},
	{"RunNow before Start", "RunNow before Start returns an error at once and harms nothing", func(c *spec.Case) {
		c.Kind, c.Min, c.RunNow = spec.Duration, time.Hour, true
	}, ""},
	{"a negative number of runs", "NextRuns gives nothing for a number below one", func(c *spec.Case) {
		c.Kind, c.Min, c.Count = spec.Duration, time.Hour, -1
	}, ""},
}

// quick is how soon a case of the above is taken for wedged; the deadline of
// this side is the usual one.
const quick = time.Second

func TestSpecials(t *testing.T) {
	theirs, ours := newWorker(t, "theirs"), newWorker(t, "ours")
	for _, s := range specials {
		s := s
		t.Run(s.name, func(t *testing.T) {
			c := specialCase(s)
			r, err := theirs.run(c, quick)
			if err != nil {
				t.Fatal(err)
			}
			if !r.Wedged && r.Panic == "" && r.Died == "" {
				t.Errorf("the other side survives: %s", text(r))
			}
			if r, err = ours.run(c, 5*deadline); err != nil {
				t.Fatal(err)
			}
			s.check(t, c, r)
		})
	}
}

func specialCase(s special) spec.Case {
	c := spec.Case{
		Now:      spec.FromTime(time.Date(2026, 4, 10, 12, 0, 0, 0, time.UTC), "UTC"),
		Interval: 1, Count: 5,
		Ats: spec.Ats{Times: []spec.At{{H: 1}}},
	}
	s.set(&c)
	return c
}

func (s special) check(t *testing.T, c spec.Case, r spec.Result) {
	t.Helper()
	switch {
	case s.ours == "other":
		if r.Err == "" {
			t.Errorf("%s: %s", s.reason, text(r))
		}
		return
	case r.Err != "":
		t.Fatalf("%s: %s", s.reason, text(r))
	}
	if want := "ErrJobRunNowFailed"; c.RunNow && r.RunNow != want {
		t.Errorf("RunNow returned %q", r.RunNow)
	}
	c.Now.Unix += int64(c.Idle / time.Second)
	if why := disagrees(predict(c, 20), c, r); why != "" {
		t.Errorf("%s: %s\n%s", s.reason, why, text(r))
	}
}
