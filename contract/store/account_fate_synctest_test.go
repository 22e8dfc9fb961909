//go:build go1.25

package store_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// account compares what was due with what the store and the tasks say.
func (w *world) account() {
	for _, k := range w.works {
		rows, err := w.store.History(context.Background(), k.name, time.Time{}, time.Time{}, 0)
		require.NoError(w.t, err)
		for _, row := range rows {
			if row.Occurrence && !k.isDue(row.ScheduledAt) {
				w.fail(k, rows, row.ScheduledAt, "it was not due")
			}
			if row.Occurrence && row.Count > 1 && !k.isDue(row.Until) {
				w.fail(k, rows, row.Until, "it was not due, but a record ends with it")
			}
		}
		for _, e := range k.eras {
			end := e.to
			if end.IsZero() {
				end = time.Now().Add(-3 * time.Minute) // what is due later may be on its way
			}
			for due := e.after(e.from); !due.IsZero() && due.Before(end); due = e.after(due) {
				fault := fate(k, rows, due)
				if mayBeUnknown := !e.to.IsZero() && due.Add(e.delay).After(e.to); fault == unknown && mayBeUnknown {
					continue // it was still delayed
				}
				atOnce := k.immediate && !e.to.IsZero() // the immediate run stands for what waited as well
				if fault == unknown && (atOnce || k.usedUp(rows, due)) {
					continue
				}
				if fault != "" {
					w.fail(k, rows, due, fault)
				}
			}
		}
		if begun := len(begunRuns(rows)); k.limit > 0 && begun > k.limit {
			w.fail(k, rows, time.Now(), fmt.Sprintf("%d runs have begun", begun))
		}
		for due, ends := range k.begins {
			last := len(ends) - 1
			for i, end := range ends {
				switch {
				case k.asked[due]:
				case i < last && end == "succeeded":
					w.fail(k, rows, time.Unix(0, due), "it has run again after it succeeded")
				case i < last && end == "killed" && !k.reruns:
					w.fail(k, rows, time.Unix(0, due), "it has run again after it was killed")
				case i < last && end == "failed" && !k.retries:
					w.fail(k, rows, time.Unix(0, due), "it has run again after it failed")
				}
			}
		}
	}
}

const unknown = "nothing is known of it"

// isDue reports whether t is an occurrence of the job.
func (k *work) isDue(t time.Time) bool {
	for _, e := range k.eras {
		if !t.Before(e.from.Add(-e.delay)) && (e.to.IsZero() || !t.After(e.to)) && e.after(t.Add(-1)).Equal(t) {
			return true
		}
	}
	return false
}

// waited reports whether the run of the row may have waited for the store, in vain.
func waited(row gocron.StoredRun) bool {
	return row.Outcome == gocron.OutcomeStoreDown.String() || row.Outcome == gocron.OutcomeCancelled.String()
}

func begunRuns(rows []gocron.StoredRun) map[string]bool {
	begun := make(map[string]bool)
	for _, row := range rows {
		if !row.BegunAt.IsZero() {
			begun[row.Run] = true
		}
	}
	return begun
}

// usedUp reports whether all runs of WithLimitedRuns were taken at t: they had begun, or waited and
// were given back later. Then nothing is due. What is late when the last of them begins, as it is
// delayed or to be caught up with, is not due any more either. A run that waited for the store when
// the process was killed is still counted, so that there are never too many.
func (k *work) usedUp(rows []gocron.StoredRun, t time.Time) bool {
	begun, taken := begunRuns(rows), make(map[string]bool)
	var last time.Time
	for _, row := range rows {
		if begun[row.Run] && row.BegunAt.After(last) {
			last = row.BegunAt
		}
		if row.Count <= 1 && !row.ScheduledAt.After(t) && (begun[row.Run] || row.EndedAt.After(t) || waited(row)) {
			taken[row.Run] = true
		}
	}
	late := len(begun)+k.uncertain >= k.limit && last.Sub(t) < 20*time.Minute // a pause may be that long
	return k.limit > 0 && (len(taken) >= k.limit || late)
}

// fate says what is wrong with the occurrence of k that was due, "" for nothing.
func fate(k *work, rows []gocron.StoredRun, due time.Time) string {
	runs, ranges := make(map[string]gocron.StoredRun), 0
	for _, row := range rows {
		switch {
		case !row.Occurrence:
		case row.Count > 1:
			if !due.Before(row.ScheduledAt) && !due.After(row.Until) {
				ranges++
			}
		case row.ScheduledAt.Equal(due):
			if latest, is := runs[row.Run]; !is || latest.Attempt < row.Attempt {
				runs[row.Run] = row
			}
		}
	}
	schedules := make(map[string]bool) // a delayed occurrence of a new one may be that of the old one, too
	for _, row := range runs {
		schedules[row.Fingerprint] = true
	}
	if len(runs) > len(schedules) && len(runs) > 1 {
		return fmt.Sprintf("%d runs have it", len(runs))
	}
	for _, row := range runs {
		switch {
		case row.Outcome == "":
			return "it has no outcome"
		case !row.RetryAt.IsZero():
			return "it waits for an attempt"
		}
		return ""
	}
	switch {
	case ranges == 0:
		return unknown
	case ranges > 1:
		return fmt.Sprintf("it is in %d records", ranges)
	}
	return ""
}

func (w *world) fail(k *work, rows []gocron.StoredRun, due time.Time, fault string) {
	w.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s due at %v: %s; tasks: %v\n", k.name, due.Sub(w.began), fault, k.begins[due.UnixNano()])
	for _, line := range w.log {
		fmt.Fprintln(&b, line)
	}
	for _, row := range rows {
		if d := row.ScheduledAt.Sub(due).Abs(); d < 2*time.Minute || row.Count > 1 && !row.Until.Before(due) {
			fmt.Fprintf(&b, "row %v..%v x%d %s/%d %s %q begun %v ended %v retry %v occurrence %v %s\n", row.ScheduledAt.Sub(w.began), row.Until.Sub(w.began), row.Count,
				row.Run, row.Attempt, row.Trigger, row.Outcome, row.BegunAt.Sub(w.began), row.EndedAt.Sub(w.began), row.RetryAt, row.Occurrence, row.Error)
		}
	}
	w.t.Fatal(b.String())
}
