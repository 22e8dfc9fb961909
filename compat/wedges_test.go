package compat

import (
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// quick is how soon a case of the table is taken for wedged.
const quick = time.Second

// TestWedges shows that the other side does not survive the cases that the
// generators leave out, or does wrong by luck, and that this side does right.
func TestWedges(t *testing.T) {
	theirs, ours := newWorker(t, "theirs"), newWorker(t, "ours")
	for _, d := range differences {
		if d.wedge == nil {
			continue
		}
		d := d
		t.Run(d.name, func(t *testing.T) {
			c := wedgeCase(d)
			other, err := theirs.run(c, quick)
			if err != nil {
				t.Fatal(err)
			}
			if survives(d, c, other) == "" {
				t.Errorf("the other side does it right: %s", text(other))
			}
			mine, err := ours.run(c, 5*deadline)
			if err != nil {
				t.Fatal(err)
			}
			if why := survives(d, c, mine); why != "" {
				t.Errorf("%s: %s: %s", d.reason, why, text(mine))
			}
		})
	}
}

func wedgeCase(d difference) spec.Case {
	c := spec.Case{
		Now:      spec.FromTime(time.Date(2026, 4, 10, 12, 0, 0, 0, time.UTC), "UTC"),
		Interval: 1, Count: 5,
		Ats: spec.Ats{Times: []spec.At{{H: 1}}},
	}
	d.wedge(&c)
	return c
}

// survives says what is wrong with a result: a case with a mend has to be
// refused, and any other to do what the model says.
func survives(d difference, c spec.Case, r spec.Result) string {
	switch {
	case r.Wedged || r.Panic != "" || r.Died != "":
		return "no answer"
	case d.mend != nil && r.Err == "":
		return "not refused"
	case d.mend != nil:
		return ""
	case r.Err != "":
		return "refused"
	case c.RunNow && r.RunNow != "ErrJobRunNowFailed":
		return "RunNow"
	}
	return disagrees(predict(c, 20), c, r)
}
