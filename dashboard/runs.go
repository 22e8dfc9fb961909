package dashboard

import (
	"context"
	"fmt"
	"time"
)

// runsListed is how many runs of each stage the page shows.
const runsListed = 200

// poolData is one pool with its runs that have no outcome yet.
type poolData struct {
	poolFacts
	Place                    int // among the pools
	at, now                  time.Time
	may                      permissions
	InProgress, Queue, Again []runRow
}

func (p poolData) May(action string) bool { return p.may.May(action) }
func (p poolData) Confirm() string        { return confirmLink(ActionLimit, "pool", p.Name) }
func (p poolData) Jobs() string           { return "./" + "?" + pair("pool", p.Name)[1:] }

// Title is what the pool is called on a page.
func (p poolData) Title() string {
	if p.Name == "" {
		return "No pool"
	}
	return "Pool " + p.Name
}

// Full reports whether no slot is free.
func (p poolData) Full() bool { return p.Limit > 0 && p.Taken >= p.Limit }

// Shown is the width of the part of a bar, of 100, that is taken.
func (p poolData) Shown() uint { return min(100, 100*p.Taken/max(1, p.Limit)) }

// Oldest is since when the oldest run has waited.
func (p poolData) OldestSince() moment { return waitsSince(p.at, p.now, p.Oldest) }

// waitsSince is when a wait began, to the second, so that it stays the same while it lasts.
func waitsSince(at, now time.Time, seconds float64) moment {
	if seconds == 0 {
		return moment{}
	}
	return moment{at.Add(-time.Duration(seconds * float64(time.Second))).Round(time.Second), now}
}

// runsData is what the page of the runs shows.
type runsData struct {
	Left   int // how many runs are not listed, as there are many
	Unseen int // how many began before the page was made
}

func poolsOf(s *snapshot, v *visit) []poolData {
	now := v.now(s)
	pools := make([]poolData, len(s.Scheduler.Pools))
	places := map[string]int{}
	for i, facts := range s.Scheduler.Pools {
		pools[i] = poolData{poolFacts: facts, at: s.At, now: now, may: v.may}
		places[facts.Name] = i
	}
	share := func(runs []runFacts, list func(*poolData) *[]runRow) {
		for _, row := range rowsOf(runs, now) {
			if i, known := places[row.Pool]; known {
				rows := list(&pools[i])
				*rows = append(*rows, row)
			}
		}
	}
	share(s.Runs.Running.Rows, func(p *poolData) *[]runRow { return &p.InProgress })
	share(s.Runs.Waiting.Rows, func(p *poolData) *[]runRow { return &p.Queue })
	share(s.Runs.Retrying.Rows, func(p *poolData) *[]runRow { return &p.Again })
	return pools
}

func (d *dashboard) runsPage(ctx context.Context, v *visit) (*content, error) {
	s, err := d.snapshot(ctx, asking("scheduler,runs").withNumber("runs", runsListed))
	if err != nil {
		return nil, err
	}
	var data runsData
	for _, stage := range []stageFacts{s.Runs.Running, s.Runs.Waiting, s.Runs.Retrying} {
		if len(stage.Rows) >= runsListed {
			data.Left += stage.Count - len(stage.Rows)
		}
	}
	if running := s.Runs.Running; len(running.Rows) < runsListed {
		data.Unseen = max(0, running.Count-len(running.Rows))
	}
	c := &content{title: "Runs", template: "runs", data: data, now: s.At, lists: []string{"runs"}}
	c.add("unlisted", "runs-unlisted", data)
	for i, pool := range poolsOf(s, v) {
		pool.Place = i
		c.addTo("runs", fmt.Sprintf("pool-%d", i), "runs-pool", pool)
	}
	return c, nil
}

// schedulerData is what the page of the scheduler shows.
type schedulerData struct {
	schedulerFacts
	now   time.Time
	At    time.Time
	Pools []poolData
}

func (d schedulerData) Started() moment { return moment{d.StartedAt, d.now} }
func (d schedulerData) Counts() []count { return countsOf(d.Outcomes) }

// OldestSince is since when the oldest run has waited.
func (d schedulerData) OldestSince() moment { return waitsSince(d.At, d.now, d.Oldest) }

func (d *dashboard) schedulerPage(ctx context.Context, v *visit) (*content, error) {
	s, err := d.snapshot(ctx, asking("scheduler"))
	if err != nil {
		return nil, err
	}
	data := schedulerData{schedulerFacts: s.Scheduler, now: v.now(s), At: s.At, Pools: poolsOf(s, v)}
	c := &content{title: "Scheduler", template: "scheduler", data: data, now: s.At}
	c.add("facts", "scheduler-facts", data)
	c.add("pools", "scheduler-pools", data)
	return c, nil
}
