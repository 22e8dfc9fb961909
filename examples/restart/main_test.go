package main

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/store/sqlite"
)

// The test program is the child process, too.
func TestMain(m *testing.M) {
	if !serveChild() {
		os.Exit(m.Run())
	}
}

func TestNothingIsUnaccountedFor(t *testing.T) {
	var out strings.Builder
	ok, err := demonstrate(&out, 3*time.Second, t.TempDir())
	t.Log(out.String())
	if err != nil || !ok {
		t.Fatalf("the account is wrong: %v", err)
	}
	if !strings.Contains(out.String(), "unaccounted\nthumbnails ") {
		t.Error("there is no account")
	}
}

func TestCalledTwice(t *testing.T) {
	row := func(attempt int, outcome string) sqlite.Run { return sqlite.Run{Attempt: attempt, Outcome: outcome} }
	for name, c := range map[string]struct {
		job   job
		rows  []sqlite.Run
		calls []call
		twice bool
	}{
		"once":                    {job{}, []sqlite.Run{row(1, "succeeded")}, []call{{Attempt: 1}}, false},
		"interrupted, not again":  {job{}, []sqlite.Run{row(1, "interrupted"), row(2, "succeeded")}, []call{{Attempt: 1}, {Attempt: 2}}, true},
		"interrupted, again":      {job{reruns: true}, []sqlite.Run{row(1, "interrupted"), row(2, "succeeded")}, []call{{Attempt: 1}, {Attempt: 2}}, false},
		"again after it returned": {job{reruns: true}, []sqlite.Run{row(1, "succeeded"), row(2, "succeeded")}, []call{{Attempt: 1}, {Attempt: 2}}, true},
		"failed, tried again":     {job{fails: true}, []sqlite.Run{row(1, "failed"), row(2, "succeeded")}, []call{{Attempt: 1}, {Attempt: 2}}, false},
		"one attempt twice":       {job{fails: true}, []sqlite.Run{row(1, "failed")}, []call{{Attempt: 1}, {Attempt: 1}}, true},
	} {
		if got := calledTwice(c.job, c.calls, c.rows); got != c.twice {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWhatNobodyKnowsIsUnaccountedFor(t *testing.T) {
	var counted tally
	counted.add(time.Unix(1, 0), nil)
	counted.add(time.Unix(2, 0), []sqlite.Run{{Attempt: 1, Outcome: "interrupted"}, {Attempt: 2, Outcome: "succeeded", Trigger: "catch-up"}})
	if want := (tally{due: 2, unaccounted: 1, succeeded: 1, runAgain: 1, caughtUp: 1, unknown: []time.Time{time.Unix(1, 0)}}); !reflect.DeepEqual(counted, want) {
		t.Errorf("%+v", counted)
	}
	if printAccount(new(strings.Builder), map[string]*tally{"thumbnails": &counted, "sync": {}, "invoices": {}, "import": {}, "newsletter": {}}) {
		t.Error("it is right")
	}
}
