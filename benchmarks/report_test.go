package main

import (
	"encoding/xml"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// example has one workload on ours, at half of upstream's cost.
func example(f faults) results {
	return results{
		{"start", ours}: {
			metrics: map[string][]float64{"time": {9, 2, 1}, "goroutines": {1, 1, 1}},
			faults:  f,
		},
		{"start", upstream}: {metrics: map[string][]float64{"time": {4, 4, 4}}},
		{"start", "robfig"}: {limit: 60 * time.Second},
	}
}

func TestTargets(t *testing.T) {
	all := example(faults{})
	for _, test := range []struct {
		target  target
		met, ok bool
	}{
		{ratio(0.5), true, true},
		{ratio(0.4), false, true},
		{times(0.5), true, true},
		{times(0.6), false, true},
		{atMost(2), true, true},
		{atMost(1), false, true},
		{atLeast(2), true, true},
		{atLeast(3), false, true},
		{ofRuntime(1), false, false},
		{target{mostTarget, 1, "robfig"}, true, true},
		{target{}, false, false},
	} {
		r := row{workload: "start", metric: "time", target: test.target}
		if met, ok := r.judged(all); met != test.met || ok != test.ok {
			t.Errorf("%v: met %t, ok %t", test.target, met, ok)
		}
	}
}

func TestTableHasWhatWasMeasured(t *testing.T) {
	r := report{results: example(faults{Lost: 7})}
	table := r.table()
	for _, want := range []string{"Start with 10,000 jobs", "| 2.00 ns |", " 0.50 | ", ">60 s", "**missed**", " 7 |"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
	if strings.Contains(table, "RunNow") {
		t.Errorf("a row that was not measured in\n%s", table)
	}
}

func TestFaultsOfOursAreAnError(t *testing.T) {
	if err := example(faults{}).fault(); err != nil {
		t.Error(err)
	}
	for _, f := range []faults{{Lost: 1}, {Twice: 1}, {Over: 1}, {Disorder: 1}} {
		if example(f).fault() == nil {
			t.Errorf("%+v is no error", f)
		}
	}
	cut := example(faults{})
	cut[cellKey{"start", ours}].limit = time.Second
	if cut.fault() == nil {
		t.Error("a measurement that took too long is no error")
	}
}

func TestPictureIsXML(t *testing.T) {
	r := report{results: example(faults{})}
	picture := r.picture()
	if !strings.Contains(picture, "Start with 10,000 jobs") {
		t.Errorf("no bar in\n%s", picture)
	}
	d := xml.NewDecoder(strings.NewReader(picture))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// Every row is about a workload that ours takes part in, and no two workloads
// have one name.
func TestRowsHaveWorkloads(t *testing.T) {
	var names []string
	for _, w := range workloads() {
		names = append(names, w.name)
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("a name is used twice in %q", names)
	}
	for _, r := range rows {
		for _, name := range r.workloads() {
			if _, found := slices.BinarySearch(names, name); !found {
				t.Errorf("%q is about %q, which is no workload", r.label, name)
			}
		}
	}
}

func TestMatching(t *testing.T) {
	got := matching(workloads(), regexp.MustCompile("^burst in"))
	if len(got) != 1 || got[0].name != "burst in order" {
		t.Errorf("got %v", got)
	}
}

func TestBriefRowsAreRowsOfTheTable(t *testing.T) {
	for _, b := range briefRows {
		found := 0
		for _, r := range rows {
			if r.label == b.label {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%q: %d rows", b.label, found)
		}
	}
}

func TestBriefTable(t *testing.T) {
	everything := options{engine: regexp.MustCompile("")}
	r := report{options: everything, results: results{
		{"RunNow, 1 caller", ours}:     {metrics: map[string][]float64{"time": {100}}},
		{"RunNow, 1 caller", upstream}: {metrics: map[string][]float64{"time": {9000}}},
	}}
	brief := r.brief()
	if !strings.Contains(brief, "| RunNow |") || !strings.Contains(brief, "| 9.00 µs |") || strings.Contains(brief, "lateness") {
		t.Errorf("%s", brief)
	}
	if !strings.Contains(r.page(), brief) {
		t.Error("the page lacks it")
	}
	if (&report{}).brief() != "" {
		t.Error("a table of nothing")
	}
}
