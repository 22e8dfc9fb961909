package compat

import (
	"encoding/json"
	"flag"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

var (
	seedFlag = flag.Int64("seed", 1, "what the generated cases come from")
	caseFlag = flag.Int("case", -1, "run only the case of this number")
	longFlag = flag.Bool("long", false, "run many more cases")
)

const deadline = 2 * time.Second

type verdict func(c spec.Case, theirs, ours spec.Result) (row, why string)

// A pair has the two schedulers do the same thing.
type pair struct {
	t            *testing.T
	ours, theirs *worker
	judge        verdict
	rows         []difference
	hits         map[string]int
	same         int
}

func newPair(t *testing.T, rows []difference, judge verdict) *pair {
	return &pair{t: t, ours: newWorker(t, "ours"), theirs: newWorker(t, "theirs"), judge: judge, rows: rows, hits: map[string]int{}}
}

// all checks the first n cases, and that the table has no idle row.
func (p *pair) all(n int, generate func(seed int64, id int) spec.Case) {
	p.t.Logf("-seed %d", *seedFlag)
	if *caseFlag >= 0 {
		p.check(generate(*seedFlag, *caseFlag))
		return
	}
	for id := 0; id < n; id++ {
		p.check(generate(*seedFlag, id))
	}
	p.report()
}

func (p *pair) report() {
	p.t.Logf("%6d the same", p.same)
	for _, d := range p.rows {
		p.t.Logf("%6d %s: %s", p.hits[d.name], d.name, d.reason)
		if p.hits[d.name] == 0 {
			p.t.Errorf("no case fell in the row %q", d.name)
		}
	}
}

func (p *pair) run(c spec.Case, deadline time.Duration) (theirs, ours spec.Result) {
	type answer struct {
		res spec.Result
		err error
	}
	other := make(chan answer)
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
	row, why := p.judge(c, theirs, ours)
	if why != "" {
		c.Patience = 9
		theirs, ours = p.run(c, 5*deadline)
		row, why = p.judge(c, theirs, ours)
	}
	switch {
	case why != "":
		p.t.Errorf("-seed %d -case %d: %s\ncase   %s\ntheirs %s\nours   %s", *seedFlag, c.ID, why, text(c), text(theirs), text(ours))
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
	newPair(t, differences, judge).all(n, scheduleCase)
}
