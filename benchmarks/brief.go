package main

// A brief row is one of the ten with which the page begins: that row of the table in words for a
// reader who has seen none of it.
type briefRow struct {
	words string
	label string // of the row in the table
}

var briefRows = []briefRow{
	{"add a job, one of 10,000", "add 10,000 jobs before Start: time per job"},
	{"memory of a job at rest, of 100,000", "bytes kept per job, 100,000 jobs"},
	{"processor time of a run, 100 jobs every 10 ms", "CPU per run, 100 jobs every 10 ms"},
	{"allocations of a run", "allocations per run, plain func"},
	{"most runs a second with 99 % of them made", "highest rate with 99 % of due runs, a second"},
	{"lateness that 1 run in 100 exceeds, 5,000 runs a second", "lateness p99, 10,000 one-time jobs over 2 s"},
	{"100,000 jobs due at once: until the last starts", "100,000 jobs due at one instant: due to last start"},
	{"the same: memory that it takes", "the same: peak memory, above the jobs at rest"},
	{"a run that waits for a limit of 1, with 100,000 waiting", "limit 1, 100,000 jobs: time per run"},
	{"RunNow", "RunNow on one job, 1 caller: time per call"},
}

// brief is the table of these rows, of those that were measured.
func (r *report) brief() string {
	lines := [][]string{{"", "this package", "gocron"}, nil}
	for _, b := range briefRows {
		for _, row := range rows {
			if row.label == b.label && r.measured(row) {
				lines = append(lines, []string{b.words, r.absolute(row, ours), r.absolute(row, upstream)})
			}
		}
	}
	if len(lines) == 2 {
		return ""
	}
	return "\n" + align(lines)
}
