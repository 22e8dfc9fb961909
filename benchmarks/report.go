package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A report is what is told of the results.
type report struct {
	options options
	results results
	machine machine
	took    time.Duration
}

const none = "–"

// table is one row for each metric that was measured, in Markdown.
func (r *report) table() string {
	header := []string{"workload", "ours", "gocron", "ours / gocron", "target", ""}
	for _, impl := range implementations[2:] {
		header = append(header, "ours / "+impl.name)
	}
	header = append(header, "lost", "twice", "over limit", "out of order")
	lines := [][]string{header, nil}
	for _, row := range rows {
		if r.measured(row) {
			lines = append(lines, r.line(row))
		}
	}
	return align(lines)
}

func (r *report) measured(row row) bool {
	for _, name := range row.workloads() {
		if r.results[cellKey{name, ours}] == nil {
			return false
		}
	}
	return true
}

func (r *report) line(row row) []string {
	line := []string{
		row.label, r.absolute(row, ours), r.absolute(row, upstream), r.ratio(row, upstream),
		row.target.String(), r.judgement(row),
	}
	for _, impl := range implementations[2:] {
		line = append(line, r.ratio(row, impl.name))
	}
	var f faults
	for _, name := range row.workloads() {
		f = f.plus(r.results[cellKey{name, ours}].faults)
	}
	for _, n := range []int64{f.Lost, f.Twice, f.Over, f.Disorder} {
		line = append(line, fmt.Sprint(n))
	}
	return line
}

func (r *report) absolute(row row, implementation string) string {
	if v, ok := row.value(r.results, implementation); ok {
		return row.unit.format(v)
	}
	return r.missing(row, implementation)
}

func (r *report) ratio(row row, implementation string) string {
	if v, ok := row.quotient(r.results, implementation); ok {
		return formatRatio(v)
	}
	if row.unit == inSlope {
		return none
	}
	return r.missing(row, implementation)
}

// missing says why there is no value.
func (r *report) missing(row row, implementation string) string {
	for _, name := range row.workloads() {
		c := r.results[cellKey{name, implementation}]
		if c != nil && c.failed != nil {
			return "failed"
		}
		if c != nil && c.limit > 0 {
			return fmt.Sprintf(">%.0f s", c.limit.Seconds())
		}
	}
	return none
}

func (r *report) judgement(row row) string {
	met, ok := row.judged(r.results)
	switch {
	case row.target.kind == noTarget || !ok:
		return ""
	case met:
		return "met"
	default:
		return "**missed**"
	}
}

func (t target) String() string {
	s := fmt.Sprint(t.bound)
	if t.bound >= 1e6 {
		s = formatTime(t.bound)
	}
	switch t.kind {
	case noTarget:
		return none
	case mostTarget:
		s = "at most " + s
	case leastTarget:
		s = "at least " + s
	}
	switch {
	case t.to == upstream && t.kind == leastTarget:
		s += " times"
	case t.to == "":
		s += " (value)"
	case t.to != upstream:
		s += " of " + t.to
	}
	return s
}

// align writes a Markdown table with columns of equal width. A nil line is the
// one below the header.
func align(lines [][]string) string {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, field := range line {
			widths[i] = max(widths[i], len([]rune(field)), 3)
		}
	}
	var s strings.Builder
	for _, line := range lines {
		for i, width := range widths {
			if line == nil {
				s.WriteString("|" + rule(i, width))
			} else {
				s.WriteString("| " + pad(i, line[i], width) + " ")
			}
		}
		s.WriteString("|\n")
	}
	return s.String()
}

// The first column is aligned to the left, the others to the right.

func rule(column, width int) string {
	if column == 0 {
		return strings.Repeat("-", width+2)
	}
	return strings.Repeat("-", width+1) + ":"
}

func pad(column int, field string, width int) string {
	blanks := strings.Repeat(" ", width-len([]rune(field)))
	if column == 0 {
		return field + blanks
	}
	return blanks + field
}

// othersFaults lists the faults of the other implementations.
func (r *report) othersFaults() string {
	lines := [][]string{{"workload", "scheduler", "lost", "twice", "over limit", "out of order"}, nil}
	for _, w := range workloads() {
		for _, impl := range implementations[1:] {
			c := r.results[cellKey{w.name, impl.name}]
			if c != nil && c.faults != (faults{}) {
				f := c.faults
				lines = append(lines, []string{w.name, impl.name, fmt.Sprint(f.Lost), fmt.Sprint(f.Twice),
					fmt.Sprint(f.Over), fmt.Sprint(f.Disorder)})
			}
		}
	}
	if len(lines) == 2 {
		return "There were none.\n"
	}
	return align(lines)
}

// write writes the page and the picture.
func (r *report) write() error {
	if err := os.MkdirAll(r.options.docs, 0o777); err != nil {
		return err
	}
	page := filepath.Join(r.options.docs, "BENCHMARKS.md")
	if err := os.WriteFile(page, []byte(r.page()), 0o666); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.options.docs, "benchmarks.svg"), []byte(r.picture()), 0o666)
}
