package conformance

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	var engines []Engine
	for _, kind := range memoryKinds {
		engines = append(engines, memoryEngine(kind))
	}
	ServeNode(engines...)
	goleak.VerifyTestMain(m)
}

// served is an engine with a server of its own.
func served(t *testing.T, kind string) Engine {
	t.Helper()
	s := &memoryServer{entries: make(map[string]memoryEntry)}
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s.on(memoryEngine(kind))
}

func TestACorrectEnginePasses(t *testing.T) {
	t.Parallel()
	engine := served(t, correct)
	for i, r := range Run(t, engine) {
		if needs := cases[i].needs; r.Status != Passed && (needs == nil || needs(engine)) {
			t.Errorf("%s: %v", r.Case, r.Status)
		}
	}
}

// An engine that is wrong in one way fails in the cases that are there for it, and says
// in what.
func TestAWrongEngineFails(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup // they wait most of the time: more at once than t.Parallel allows
	const twoLeaders, atOnce, twice = "two leaders at once", "runs at once", "twice"
	for _, c := range []struct{ kind, failed, says string }{
		{releasesClaims, SkewedCron, twice},
		{claimsTwice, "100 nodes × 1,000 occurrences", twice},
		{ignoresTheClock, "the same, claims kept for 20 s", "by wrong clocks"},
		{ignoresTheClock, "queue wait longer than the claim is kept", twice},
		{forgetsClaims, "killed between claim and run", "was run"},
		{forgetsClaims, LongTask, ""},
		{isNeverDown, "node cut off for three TTLs", "0 of"},
		{renewsNothing, "run lock: task longer than the TTL", atOnce},
		{keepsLocks, "run lock: job removed in mid-run", "not given back"},
		{keepsLocks, "run lock: Shutdown in mid-run", "not given back"},
		{renewsNothing, "leader killed", twoLeaders},
		{trustsItself, "leader cut off for three TTLs", ""},
		{trustsItself, "engine stopped while a node leads, and back", "the leader's run to end"},
		{trustsItself, "leader's process suspended for three TTLs", twoLeaders},
	} {
		all.Add(1)
		engine := served(t, c.kind)
		go func() {
			defer all.Done()
			ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
			defer cancel()
			results, err := Measure(ctx, engine, c.failed)
			if err != nil {
				t.Errorf("%s, %s: %v", c.kind, c.failed, err)
				return
			}
			r := results[0]
			if r.Status != Failed || !strings.Contains(r.Figures.String()+" "+r.Err.Error(), c.says) {
				t.Errorf("%s, %s: status %v, %v, %v", c.kind, c.failed, r.Status, r.Figures, r.Err)
			}
		}()
	}
	all.Wait()
}

func TestMeasureRefuses(t *testing.T) {
	good := memoryEngine(correct)
	good.Addr = "127.0.0.1:1"
	for _, c := range []struct {
		name  string
		spoil func(*Engine)
		cases []string
	}{
		{"no name", func(e *Engine) { e.Name = "" }, nil},
		{"no address", func(e *Engine) { e.Addr = "" }, nil},
		{"no nodes", func(e *Engine) { e.NewNode = nil }, nil},
		{"unknown case", func(*Engine) {}, []string{"no such case"}},
	} {
		e := good
		c.spoil(&e)
		if _, err := Measure(t.Context(), e, c.cases...); err == nil {
			t.Errorf("%s: accepted", c.name)
		}
	}
}

func TestCasesThatNeedMoreAreNotRun(t *testing.T) {
	e := Engine{Name: correct, Addr: "127.0.0.1:1", NewNode: memoryEngine(correct).NewNode}
	for _, c := range cases {
		if c.needs == nil {
			continue
		}
		results, err := Measure(t.Context(), e, c.name)
		if err != nil || results[0].Status != NotRun || results[0].cell() != "–" {
			t.Errorf("%s: %v, %v", c.name, results, err)
		}
	}
}
