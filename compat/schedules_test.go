package compat

import (
	"encoding/json"
	"flag"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

const defaultSeed = 1

var (
	seedFlag = flag.Int64("seed", defaultSeed, "what the generated cases come from")
	caseFlag = flag.Int("case", -1, "run only the case of this number")
	longFlag = flag.Bool("long", false, "run many more cases")
)

const deadline = 2 * time.Second

// A pair has the two schedulers do the same thing.
type pair struct {
	t            *testing.T
	ours, theirs *worker
	hits         map[string]int // of the rows of a table
	same, failed int
}

func newPair(t *testing.T) *pair {
	return &pair{t: t, ours: newWorker(t, "ours"), theirs: newWorker(t, "theirs"), hits: map[string]int{}}
}

// all checks the first n cases.
func (p *pair) all(n int, generate func(seed int64, id int) spec.Case, check func(spec.Case)) {
	p.t.Logf("-seed %d", *seedFlag)
	if *caseFlag >= 0 {
		check(generate(*seedFlag, *caseFlag))
		return
	}
	for id := 0; id < n; id++ {
		check(generate(*seedFlag, id))
	}
	p.t.Logf("%6d the same", p.same)
}

// report shows how many cases fell in the rows that concern a test, none of which
// may be idle in a full run with the default seed.
func (p *pair) report(concerned func(difference) bool) {
	if *caseFlag >= 0 {
		return
	}
	for _, d := range differences {
		if !concerned(d) {
			continue
		}
		p.t.Logf("%6d %s: %s", p.hits[d.name], d.name, d.reason)
		if p.hits[d.name] == 0 && *seedFlag == defaultSeed {
			p.t.Errorf("no case fell in the row %q", d.name)
		}
	}
}

// tooMany failures end a test: each may have cost a deadline.
const tooMany = 12

func (p *pair) fail(c spec.Case, theirs, ours spec.Result, why string) {
	p.t.Errorf("-seed %d -case %d: %s\ncase   %s\ntheirs %s\nours   %s", *seedFlag, c.ID, why, text(c), text(theirs), text(ours))
	if p.failed++; p.failed == tooMany {
		p.t.Fatal("too many failures")
	}
}

func (p *pair) run(c spec.Case, deadline time.Duration) (theirs, ours spec.Result) {
	type answer struct {
		res spec.Result
		err error
	}
	other := make(chan answer, 1)
	go func() {
		res, err := p.theirs.run(c, deadline)
		other <- answer{res, err}
	}()
	ours, err := p.ours.run(c, deadline)
	a := <-other
	if err != nil || a.err != nil {
		p.t.Fatal(err, a.err)
	}
	return a.res, ours
}

// check runs a case and looks for what the table of differences says of it. A
// difference that might be one of waiting too short is looked at again.
func (p *pair) check(c spec.Case) {
	theirs, ours := p.run(c, deadline)
	row, why := judge(c, theirs, ours)
	if why != "" {
		c.Patience = 9
		theirs, ours = p.run(c, 5*deadline)
		row, why = judge(c, theirs, ours)
	}
	switch {
	case why != "":
		p.fail(c, theirs, ours, why)
	case row == "":
		p.same++
	default:
		p.hits[row]++
	}
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestSchedules(t *testing.T) {
	n := 5000
	if *longFlag {
		n = 60000
	}
	p := newPair(t)
	p.all(n, scheduleCase, p.check)
	p.report(func(d difference) bool { return d.when != nil })
}
