package defects

import (
	"fmt"
	"net/url"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

var crashes = []Repro{
	{"17a", "parameters for `any`, `*int` and `fmt.Stringer`", goodParameters},
	{"17b", "a `url.URL` given for a `time.Time`", otherStruct},
	{"17c", "a `*url.URL` given for a `*time.Time`", otherPointer},
	{"17d", "an `int64` given for a `time.Duration`", integerAsDuration},
	{"17e", "a nil given for a pointer", nilParameter},
	{"17f", "nothing given for `func(string, ...int)`", tooFewParameters},
	{"17g", "task that is a pointer to a func", pointerToFunc},
	{"17h", "NextRuns(-1)", negativeNextRuns},
}

type level int

func (l level) String() string { return fmt.Sprint(int(l)) }

// Parameters are checked by assignability.
func goodParameters() (string, bool) {
	s := started()
	var bad []string
	for name, task := range map[string]gocron.Task{
		"any":          gocron.NewTask(func(any) {}, 1),
		"*int":         gocron.NewTask(func(*int) {}, new(int)),
		"fmt.Stringer": gocron.NewTask(func(fmt.Stringer) {}, level(1)),
	} {
		if _, err := s.NewJob(far, task); err != nil {
			bad = append(bad, name)
		}
	}
	return fmt.Sprintf("NewJob refuses %d of 3", len(bad)), len(bad) == 0
}

// What can't be passed is refused by NewJob.
func otherStruct() (string, bool) {
	return wrongType(gocron.NewTask(func(time.Time) {}, url.URL{}))
}

// What can't be passed is refused by NewJob.
func otherPointer() (string, bool) {
	return wrongType(gocron.NewTask(func(*time.Time) {}, &url.URL{}))
}

// What can't be passed is refused by NewJob.
func integerAsDuration() (string, bool) {
	return wrongType(gocron.NewTask(func(time.Duration) {}, int64(1)))
}

func wrongType(task gocron.Task) (string, bool) {
	j, err := started().NewJob(far, task)
	if err == nil {
		check(j.RunNow())
		time.Sleep(100 * ms)
	}
	return refused(err, gocron.ErrNewJobWrongTypeOfParameters)
}

// A nil is a value of every pointer type.
func nilParameter() (string, bool) {
	var n counter
	j := must(started().NewJob(far, gocron.NewTask(func(*int) { n.Add(1) }, nil)))
	check(j.RunNow())
	time.Sleep(100 * ms)
	return runsOf(&n, 1)
}

// A wrong number of parameters is an error of NewJob.
func tooFewParameters() (string, bool) {
	_, err := started().NewJob(far, gocron.NewTask(func(string, ...int) {}))
	return refused(err, gocron.ErrNewJobWrongNumberOfParameters)
}

// A pointer to a func is a task like the func itself.
func pointerToFunc() (string, bool) {
	var n counter
	f := func() { n.Add(1) }
	j := must(started().NewJob(far, gocron.NewTask(&f)))
	check(j.RunNow())
	time.Sleep(100 * ms)
	return runsOf(&n, 1)
}

// NextRuns gives nothing for a number below one.
func negativeNextRuns() (string, bool) {
	next := must(must(started().NewJob(far, nop)).NextRuns(-1))
	return plural(len(next), "time"), len(next) == 0
}
