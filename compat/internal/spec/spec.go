// Package spec describes one test case as plain data: what a program asks of a
// scheduler, and what it saw. Cases and results travel as JSON between the test
// and the worker processes that run them.
package spec

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Moment is an instant, and the zone it is given in.
type Moment struct {
	Unix int64
	Nano int64  `json:",omitempty"`
	Zone string `json:",omitempty"`
	Zero bool   `json:",omitempty"` // the zero time instead
}

// At is one at-time; Nil stands for a nil AtTime.
type At struct {
	H, M, S uint
	Nil     bool `json:",omitempty"`
}

// A List of a definition: absent (nil), given by a constructor, or, when Empty,
// given by a function that returns nothing.
type (
	Ats struct {
		Nil, Empty bool `json:",omitempty"`
		Times      []At `json:",omitempty"`
	}
	Ints struct {
		Nil, Empty bool  `json:",omitempty"`
		Values     []int `json:",omitempty"`
	}
)

// The kinds of definition.
const (
	Cron     = "cron"
	Duration = "duration"
	Random   = "random"
	Daily    = "daily"
	Weekly   = "weekly"
	Monthly  = "monthly"
	OneTime  = "onetime"
)

// A Case is one job in one scheduler under a fake clock.
type Case struct {
	ID   int
	Now  Moment // its zone is the scheduler's location
	Kind string

	Interval uint          `json:",omitempty"`
	Min, Max time.Duration `json:",omitempty"` // Duration uses Min alone
	Crontab  string        `json:",omitempty"`
	Seconds  bool          `json:",omitempty"`
	Ats      Ats
	Weekdays Ints
	Days     Ints
	Times    []Moment `json:",omitempty"`
	Instant  bool     `json:",omitempty"` // OneTimeJobStartImmediately

	Start *Start  `json:",omitempty"`
	Stop  *Moment `json:",omitempty"`
	DST   int     `json:",omitempty"`

	Task    string   `json:",omitempty"` // one of Tasks, "" is a good one
	Options []string `json:",omitempty"` // of Options, before start and stop
	Global  []string `json:",omitempty"` // as Options, given to the scheduler
	Sched   []string `json:",omitempty"` // of SchedulerOptions
	Swap    bool     `json:",omitempty"` // WithStopAt before WithStartAt

	Refusal bool `json:",omitempty"` // only NewJob, no Start
	Late    bool `json:",omitempty"` // NewJob on a running scheduler
	Steps   int  `json:",omitempty"` // firings to watch
	Count   int  `json:",omitempty"` // argument of NextRuns

	Idle   time.Duration `json:",omitempty"` // how far the clock goes on before Start
	RunNow bool          `json:",omitempty"` // before Start

	Patience int `json:",omitempty"` // stretches every wait
}

// How a job's start was given.
const (
	StartImmediately = "immediately"
	StartAt          = "at"
	StartPast        = "past"
)

// Start is the argument of WithStartAt.
type Start struct {
	How string
	At  Moment
}

// A Result is what the program saw.
type Result struct {
	ID   int
	Err  string   `json:",omitempty"` // of NewScheduler or NewJob
	Is   []string `json:",omitempty"` // the sentinels that error is
	Bare string   `json:",omitempty"` // the sentinel that error == to

	Panic  string `json:",omitempty"` // of the call itself
	Wedged bool   `json:",omitempty"` // no answer within the deadline
	Died   string `json:",omitempty"` // the process crashed

	RunNow string `json:",omitempty"` // the sentinel that RunNow before Start returned

	Gone  bool     `json:",omitempty"` // not listed after Start
	Ran   bool     `json:",omitempty"` // at the very start
	Next  string   `json:",omitempty"`
	Runs  []string `json:",omitempty"`
	Fired []string `json:",omitempty"` // clock at each watched firing, and NextRun after it

	Schedule string `json:",omitempty"`
}

var locations sync.Map // by name: loading one reads a file

// Location loads a zone; "fixed+N" is a FixedZone N seconds east of Greenwich.
func Location(zone string) *time.Location {
	if loc, known := locations.Load(zone); known {
		return loc.(*time.Location)
	}
	loc, _ := locations.LoadOrStore(zone, loadLocation(zone))
	return loc.(*time.Location)
}

func loadLocation(zone string) *time.Location {
	if s, ok := strings.CutPrefix(zone, "fixed"); ok {
		n, err := strconv.Atoi(s)
		if err != nil {
			panic(err)
		}
		return time.FixedZone("Fix", n)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return loc
}

// Time is the instant in its zone.
func (m Moment) Time() time.Time {
	if m.Zero {
		return time.Time{}
	}
	return time.Unix(m.Unix, m.Nano).In(Location(m.Zone))
}

// FromTime is the inverse of Time.
func FromTime(t time.Time, zone string) Moment {
	return Moment{Unix: t.Unix(), Nano: int64(t.Nanosecond()), Zone: zone}
}

// Show writes a time with all a user can see of it.
func Show(t time.Time) string {
	if t == (time.Time{}) {
		return "zero"
	}
	return t.Format(time.RFC3339Nano) + " " + t.Location().String()
}

// Parse reads what Show wrote. Of a result that is not there, it is the zero time.
func Parse(s string) time.Time {
	if s == "zero" || s == "" {
		return time.Time{}
	}
	stamp, _, _ := strings.Cut(s, " ")
	t, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		panic(err)
	}
	return t
}
