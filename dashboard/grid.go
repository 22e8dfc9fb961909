package dashboard

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// How much of a job the grid asks for.
const (
	historyInGrid = 200
	nextInGrid    = 200
)

// scale is how long a grid is.
type scale struct {
	Name    string
	Label   string
	cell    time.Duration
	columns int
	group   int // columns under one heading
	heading string
}

var scales = []scale{
	{"1h", "1 hour", time.Minute, 60, 10, "15:04"},
	{"6h", "6 hours", 10 * time.Minute, 36, 6, "15:04"},
	{"24h", "24 hours", 30 * time.Minute, 48, 6, "15:04"},
	{"7d", "7 days", 3 * time.Hour, 56, 8, "Mon 2"},
	{"30d", "30 days", 12 * time.Hour, 60, 10, "2 Jan"},
}

func scaleOf(name string) scale {
	for _, s := range scales {
		if s.Name == name {
			return s
		}
	}
	return scales[2]
}

// gridQuery asks for all runs and all next times between two times.
func gridQuery(from, to time.Time) query {
	return asking("scheduler,jobs,runs").withNumber("history", historyInGrid).withNumber("next", nextInGrid).
		withNumber("runs", 1000).withTime("since", from).withTime("until", to)
}

// gridData is what the grid shows apart from its rows.
type gridData struct {
	jobsData
	Scale    scale
	From, To time.Time
	Headings []heading
	Fixed    bool // the time does not follow the clock
}

type heading struct {
	Text    string
	Columns int
}

func (d gridData) Scales() []scale { return scales }

// Earlier and Later are the addresses of the grid half its length away.
func (d gridData) Earlier() string { return d.at(d.From.Add(d.length() / 2)) }
func (d gridData) Later() string   { return d.at(d.To.Add(d.length() / 2)) }
func (d gridData) Now() string     { return d.Filter.Without("end", "done") }

func (d gridData) length() time.Duration { return d.To.Sub(d.From) }

func (d gridData) at(end time.Time) string {
	return d.Filter.link([]string{"done"}, "end", end.Format(time.RFC3339))
}

// Scaled is the address of the grid with another length.
func (d gridData) Scaled(name string) string {
	return d.Filter.link([]string{"end", "done"}, "span", name)
}

// gridRow is a job and its cells.
type gridRow struct {
	jobRow
	Cells []cell
}

// cell is the occurrences of a job between two times.
type cell struct {
	Look   look
	Text   string
	Link   string // "" for an empty cell
	Many   bool
	Late   bool // one of the runs was missed when it was due
	Now    bool // the first that is not all in the past
	Class  string
	from   time.Time
	to     time.Time
	runs   []runFacts
	due    []time.Time
	unsure string
}

func (d *dashboard) gridPage(ctx context.Context, v *visit) (*content, error) {
	f, sc := filterOf(v.query), scaleOf(v.get("span"))
	head, err := d.snapshot(ctx, asking("scheduler"))
	if err != nil {
		return nil, err
	}
	from, to, fixed := sc.window(head, v.get("end"))
	q := f.ask("scheduler,jobs,runs")
	for key, values := range gridQuery(from, to).values {
		q.values[key] = values
	}
	q.cursor, q.limit = v.get("cursor"), jobsPerGrid
	s, err := d.snapshot(ctx, q)
	if err != nil {
		return nil, badCursor(q, err)
	}
	data := gridData{Scale: sc, From: from, To: to, Headings: sc.headings(from), Fixed: fixed, jobsData: jobsData{
		Filter: f, Scheduler: s.Scheduler, Matched: s.Jobs.Matched, may: v.may, Next: s.next, Cursor: q.cursor, Rows: len(s.Jobs.Rows)}}
	c := &content{title: "Grid", template: "grid", data: data, now: s.At, lists: []string{"grid"}}
	c.add("hours", "grid-head", data)
	c.add("pager", "pager", data.jobsData)
	current := byJob(s)
	for _, job := range s.Jobs.Rows {
		row := gridRow{jobRow: rowOf(s, job, v)}
		row.Cells = sc.cells(from, s, job, current[job.ID])
		c.addTo("grid", "row-"+job.ID, "grid-row", row)
	}
	return c, nil
}

// byJob are the runs that have no outcome yet.
func byJob(s *snapshot) map[string][]runFacts {
	all := map[string][]runFacts{}
	for _, stage := range []stageFacts{s.Runs.Running, s.Runs.Waiting, s.Runs.Retrying} {
		for _, run := range stage.Rows {
			all[run.JobID] = append(all[run.JobID], run)
		}
	}
	return all
}

// window is from when to when the grid is. It ends at an even time, by default so that a quarter of
// it is in the future.
func (sc scale) window(s *snapshot, end string) (from, to time.Time, fixed bool) {
	zone := s.At.Location()
	if loaded, err := time.LoadLocation(s.Scheduler.Location); err == nil && s.Scheduler.Location != "" {
		zone = loaded
	}
	at, err := time.Parse(time.RFC3339, end)
	fixed = err == nil
	if !fixed {
		at = s.At.Add(time.Duration(sc.columns) * sc.cell / 4)
	}
	at = at.In(zone)
	_, offset := at.Zone()
	shift := time.Duration(offset) * time.Second
	to = at.Add(shift).Truncate(sc.cell).Add(-shift)
	return to.Add(-time.Duration(sc.columns) * sc.cell), to, fixed
}

func (sc scale) headings(from time.Time) (all []heading) {
	_, offset := from.Zone()
	long := time.Duration(sc.group) * sc.cell
	shift := time.Duration(offset) * time.Second
	first := int(from.Add(shift).Truncate(long).Add(long-shift).Sub(from) / sc.cell) // up to an even time
	for i, n := 0, first; i < sc.columns; i, n = i+n, sc.group {
		at := from.Add(time.Duration(i) * sc.cell)
		h := heading{at.Format(sc.heading), min(n, sc.columns-i)}
		if i == 0 && n < sc.group {
			h.Text = "" // there may be no room for it
		}
		all = append(all, h)
	}
	return all
}

// cells puts the runs and the next times of a job into its cells.
func (sc scale) cells(from time.Time, s *snapshot, job jobFacts, current []runFacts) []cell {
	cells := make([]cell, sc.columns)
	for i := range cells {
		cells[i].from = from.Add(time.Duration(i) * sc.cell)
		cells[i].to = cells[i].from.Add(sc.cell)
	}
	in := func(t time.Time) *cell {
		if i := t.Sub(from) / sc.cell; !t.Before(from) && int(i) < sc.columns {
			return &cells[i]
		}
		return &cell{}
	}
	for _, runs := range [][]runFacts{job.History, current} {
		for _, run := range runs {
			if run.MissedCount > 1 {
				spread(cells, run)
				continue
			}
			c := in(run.ScheduledAt)
			c.runs = append(c.runs, run)
		}
	}
	for _, t := range job.Next {
		c := in(t)
		c.due = append(c.due, t)
	}
	if c := in(s.At); c.to.After(s.At) {
		c.Now = true
	}
	known := knownSince(s, job)
	for i := range cells {
		cells[i].note(s, job, known)
		cells[i].say(job)
	}
	return cells
}

// spread puts a record of several occurrences into the cells in which they were due. The first and
// the last time are known; those in between are taken to be at even distances.
func spread(cells []cell, run runFacts) {
	apart := run.MissedLast.Sub(run.ScheduledAt) / time.Duration(run.MissedCount-1)
	for i := range cells {
		c := &cells[i]
		at := run.ScheduledAt
		if before := c.from.Sub(at); before > 0 && apart > 0 {
			at = at.Add((before + apart - 1) / apart * apart)
		}
		if c.has(at) && !at.After(run.MissedLast) || c.has(run.MissedLast) {
			c.runs = append(c.runs, run)
		}
	}
}

func (c *cell) has(t time.Time) bool { return !t.Before(c.from) && t.Before(c.to) }

// knownSince is the time before which runs of the job may have been forgotten, or nobody was there
// to run it.
func knownSince(s *snapshot, job jobFacts) time.Time {
	kept := min(historyInGrid, s.Scheduler.History)
	switch {
	case len(job.History) >= kept && len(job.History) > 0:
		return job.History[0].ScheduledAt
	case !job.StoredSince.IsZero() && job.StoredSince.Before(s.Scheduler.MadeAt):
		return job.StoredSince
	}
	return s.Scheduler.MadeAt
}

// note says what cannot be known of an empty cell.
func (c *cell) note(s *snapshot, job jobFacts, known time.Time) {
	switch {
	case len(c.runs)+len(c.due) > 0:
	case c.from.After(s.At):
		if n := len(job.Next); n == nextInGrid && c.from.After(job.Next[n-1]) {
			c.unsure = fmt.Sprintf("only the next %d times are listed", nextInGrid)
		}
	case s.Scheduler.History == 0:
		c.unsure = "the scheduler keeps no history"
	case c.from.Before(known):
		c.unsure = "not known: before what the scheduler remembers"
	}
}

// say decides how the cell looks, and what it says.
func (c *cell) say(job jobFacts) {
	n := len(c.runs) + len(c.due)
	if n == 0 {
		c.Text, c.Class = c.unsure, "none"
		if c.unsure != "" {
			c.Class = "unknown"
		}
		return
	}
	if len(c.due) > 0 {
		c.Look = lookOf("due")
		if job.Paused != nil {
			c.Look.Means = "it is due then, and the job is paused"
		}
	}
	for _, run := range c.runs {
		if l := lookOf(run.word()); c.Look.Word == "" || l.worth > c.Look.worth {
			c.Look = l
		}
		c.Late = c.Late || run.caughtUp()
	}
	c.Many, c.Class = n > 1, c.Look.Class
	c.Text = job.Name + ", " + c.sentence()
	c.Link = jobLink(job.ID) + pair("from", c.from.Format(time.RFC3339)) + pair("to", c.to.Format(time.RFC3339)) + "#job-window"
}

// sentence says what happened. Of many occurrences it names the first that looks like the cell.
func (c *cell) sentence() string {
	if len(c.runs) == 0 {
		text := exact(c.due[0]) + ": " + c.Look.Means
		if len(c.due) > 1 {
			text += fmt.Sprintf(", and %d times more by %s", len(c.due)-1, c.to.Format("15:04:05"))
		}
		return text
	}
	var counted []string
	outcomes := map[string]uint64{}
	telling := c.runs[0]
	for _, run := range c.runs {
		outcomes[run.word()]++
		if run.word() == c.Look.Word && telling.word() != c.Look.Word {
			telling = run
		}
	}
	text := telling.dated()
	if len(c.runs) == 1 {
		return text
	}
	for _, count := range countsOf(outcomes) {
		counted = append(counted, fmt.Sprintf("%d %s", count.N, count.Look.Word))
	}
	return fmt.Sprintf("%d runs from %s on: %s. %s", len(c.runs), c.from.Format("15:04:05"), strings.Join(counted, ", "), text)
}
