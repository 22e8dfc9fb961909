package conformance

import (
	"fmt"
	"sort"
	"strings"
)

// story is how the runs of each node have ended, for those who look into a failure.
func story(events []event) error {
	type ending struct{ node, job, outcome, err string }
	times := make(map[ending]int)
	for _, e := range events {
		if e.Kind == runFinished {
			times[ending{e.Node, e.Job, e.Outcome, withoutTimes(e)}]++
		}
	}
	var lines []string
	for end, n := range times {
		lines = append(lines, fmt.Sprintf("\tnode %s, %s: %d × %s %s", end.node, end.job, n, end.outcome, end.err))
	}
	sort.Strings(lines)
	if len(lines) > 20 {
		lines = append(lines[:20], "\t…")
	}
	return fmt.Errorf("%d events\n%s", len(events), strings.Join(lines, "\n"))
}

// withoutTimes leaves the scheduled time out of an error, so that errors can be counted.
func withoutTimes(e event) string {
	return strings.ReplaceAll(e.Err, e.Scheduled.UTC().Format("2006-01-02T15:04:05Z"), "…")
}
