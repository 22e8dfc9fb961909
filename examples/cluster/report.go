package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

const (
	clockFormat  = "15:04:05.000"
	maxExplained = 10 // occurrences that are named one by one
)

// table has a line for each node and one for all, of what was due in the window.
func (l *ledger) table(w window) string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "node\tclock\tstate")
	for _, j := range l.jobs {
		fmt.Fprint(t, "\t", j.name)
	}
	fmt.Fprintln(t, "\tlast run")
	for _, p := range l.nodes {
		fmt.Fprintf(t, "%s\t+%d ms\t%s", p.name, p.offset.Milliseconds(), p.state)
		for _, j := range l.jobs {
			fmt.Fprint(t, "\t", l.runsOf(w, p.name, j))
		}
		last := ""
		if !p.lastAt.IsZero() {
			last = p.lastAt.Format(clockFormat) + " " + p.lastRun.Job
		}
		fmt.Fprintf(t, "\t%s\n", last)
	}
	fmt.Fprint(t, "all\t\t")
	for _, j := range l.jobs {
		fmt.Fprint(t, "\t", l.count(w, j).runs)
	}
	fmt.Fprintln(t, "\t")
	_ = t.Flush() // the builder takes everything
	counts := l.outcomes(w)
	var parts []string
	for _, o := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %v", counts[o], o))
	}
	fmt.Fprintln(&b, "outcomes on all nodes:", strings.Join(parts, ", "))
	return trimLines(b.String())
}

// trimLines removes the blanks with which tabwriter fills the last column.
func trimLines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}

// report is what the program ends with.
func (l *ledger) report(w window) string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "job\tdue every\tshared by\toccurrences\truns\tduplicates\tmissed")
	line := func(name, every, sharing string, f figures) {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%d\t%d\n", name, every, sharing, f.occurrences, f.runs, f.duplicates, f.missed)
	}
	for _, j := range l.jobs {
		line(j.name, j.every.String(), j.sharing(), l.count(w, j))
	}
	line("all", "", "", l.total(w))
	_ = t.Flush()
	fmt.Fprintf(&b, "Occurrences are computed from the schedules, from %s to %s. Missed: no task was called, whatever the reason.\n",
		w.from.Format(clockFormat), w.until.Format(clockFormat))
	l.explain(&b, "missed", l.sorted(w, func(r *record) bool { return len(r.began) == 0 }))
	l.explain(&b, "begun and cut short", l.sorted(w, (*record).cutShort))
	return trimLines(b.String())
}

// explain names occurrences, with what the nodes have said of each.
func (l *ledger) explain(b *strings.Builder, what string, list []occurrence) {
	for i, o := range list {
		if i == maxExplained {
			fmt.Fprintf(b, "%s: %d more\n", what, len(list)-i)
			return
		}
		fmt.Fprintf(b, "%s: %s of %s (%s)\n", what, o.job, o.time().Format(clockFormat), l.said(o))
	}
}

// said is what the nodes have said of an occurrence, such as "not-leader on node-1 and
// node-3".
func (l *ledger) said(o occurrence) string {
	r := l.records[o]
	if r == nil {
		return "no node has said anything of it"
	}
	var order []string
	nodes := make(map[string][]string)
	for _, p := range l.nodes {
		word := "no end told"
		if outcome := r.outcomes[p.name]; outcome != gocron.OutcomePending {
			word = outcome.String()
		} else if !slices.Contains(r.began, p.name) {
			continue
		}
		if nodes[word] == nil {
			order = append(order, word)
		}
		nodes[word] = append(nodes[word], p.name)
	}
	for i, word := range order {
		order[i] += " on " + strings.Join(nodes[word], " and ")
	}
	return strings.Join(order, ", ")
}

// tell is an event in a line, "" if it is not worth one: that others run an occurrence is
// no news.
func tell(e event, at time.Time) string {
	text := ""
	switch e.Kind {
	case runBegan:
		text = "runs " + e.Job
	case runFinished:
		switch e.Outcome {
		case gocron.OutcomeSucceeded, gocron.OutcomeLockedElsewhere, gocron.OutcomeNotLeader:
			return ""
		}
		text = strings.TrimSpace(fmt.Sprintf("%s: %v %s", e.Job, e.Outcome, e.Err))
	case nodeFollows:
		text = "leads no longer"
	default:
		text = e.Kind
	}
	return fmt.Sprintf("%s  %s  %s", at.Format(clockFormat), e.Node, text)
}
