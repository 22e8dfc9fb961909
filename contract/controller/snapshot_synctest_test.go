//go:build go1.25

package controller_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A page is what a test reads of a Snapshot.
type page struct {
	Version   int
	At        time.Time
	Scheduler *struct {
		State                       string
		Running                     bool
		StartedAt                   time.Time `json:"started_at"`
		Location                    string
		MadeAt                      time.Time `json:"made_at"`
		Failing                     int
		Jobs, Paused, Overdue, Made int
		States, Outcomes            map[string]int
		RunsRunning                 int     `json:"runs_running"`
		RunsWaiting                 int     `json:"runs_waiting"`
		RunsRetrying                int     `json:"runs_retrying"`
		OldestWaiting               float64 `json:"oldest_waiting_seconds"`
		HistorySize                 int     `json:"history_size"`
		JobStats                    bool    `json:"job_stats"`
		Elector                     bool
		Pools                       []pagePool
	}
	Jobs *struct {
		Matched int
		Rows    []pageJob
	}
	Runs *struct{ Running, Waiting, Retrying pageStage }
	next string
}

type pagePool struct {
	Name, Mode    string
	Limit         int
	QueueLimit    int `json:"queue_limit"`
	Taken         int
	Waiting       int
	Retrying      int
	OldestWaiting float64 `json:"oldest_waiting_seconds"`
}

type pageJob struct {
	ID, Name, Key, Kind, Schedule, Location, Pool, State, Why string
	Tags                                                      []string
	Paused                                                    *struct {
		By, Note string
		Since    time.Time
	}
	Next                       []time.Time
	NextAttempt                time.Time `json:"next_attempt"`
	DueSince                   time.Time `json:"due_since"`
	Overdue, Transient         bool
	Running, Waiting, Retrying int
	RunsLeft                   *int      `json:"runs_left"`
	RunNowFails                string    `json:"run_now_fails"`
	LastStarted                time.Time `json:"last_started"`
	LastFinished               time.Time `json:"last_finished"`
	LastOutcome                string    `json:"last_outcome"`
	Outcomes                   map[string]int
	Last                       *pageRun
	LastSuccess                *pageRun `json:"last_success"`
	LastFailure                *pageRun `json:"last_failure"`
	History                    []pageRun
}

type pageStage struct {
	Count int
	Rows  []pageRun
}

type pageRun struct {
	ID          int
	JobName     string `json:"job_name"`
	Pool        string
	Trigger     string
	Attempt     int
	ScheduledAt time.Time `json:"scheduled_at"`
	QueuedAt    time.Time `json:"queued_at"`
	StartedAt   time.Time `json:"started_at"`
	FinishedAt  time.Time `json:"finished_at"`
	Outcome     string
	Err         string
	Stage       string
	WaitsFor    string    `json:"waits_for"`
	NextAttempt time.Time `json:"next_attempt"`
}

func snapshotOf(t testing.TB, c *gocron.Controller, filter, cursor string, limit int) page {
	t.Helper()
	document, next, err := c.Snapshot(context.Background(), filter, cursor, limit)
	require.NoError(t, err, filter)
	p := page{next: next}
	require.NoError(t, json.Unmarshal(document, &p), "%s", document)
	require.Equal(t, 1, p.Version)
	return p
}

// names are the jobs on a page, in order.
func names(p page) (list []string) {
	for _, row := range p.Jobs.Rows {
		list = append(list, row.Name)
	}
	return list
}

func TestSynctestSnapshotScheduler(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		read := func() page {
			synctest.Wait()
			return snapshotOf(t, c, "parts=scheduler", "", 0)
		}
		h := rig.NewHoldup(t)
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait), gocron.InPool("pool"))
		paused := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		require.NoError(t, c.Pause(paused.ID()))
		fails := rig.MustJob(t, s, rig.Ages(), func() error { return rig.ErrTest }, rig.Retries(2, time.Hour))
		p := read()
		require.Nil(t, p.Jobs)
		require.Nil(t, p.Runs)
		require.Equal(t, "not started", p.Scheduler.State)
		require.Equal(t, map[string]int{"stopped": 3}, p.Scheduler.States)
		made := time.Now()
		rest(time.Minute)
		began := time.Now()
		s.Start()
		require.NoError(t, fails.RunNow())
		rest(150 * time.Second)
		p = read()
		d := p.Scheduler
		require.True(t, time.Now().Equal(p.At))
		require.True(t, began.Equal(d.StartedAt))
		require.True(t, made.Equal(d.MadeAt))
		require.Zero(t, d.Failing)
		require.Equal(t, []any{"running", true, "UTC", 3, 1, 0, 3}, []any{d.State, d.Running, d.Location, d.Jobs, d.Paused, d.Overdue, d.Made})
		require.Equal(t, map[string]int{"running": 1, "paused": 1, "retrying": 1}, d.States)
		require.Equal(t, []any{1, 1, 1, 30.0}, []any{d.RunsRunning, d.RunsWaiting, d.RunsRetrying, d.OldestWaiting})
		require.Equal(t, []any{5, true, false}, []any{d.HistorySize, d.JobStats, d.Elector})
		require.Equal(t, []pagePool{
			{Retrying: 1},
			{Name: "pool", Mode: "reschedule", Limit: 2, QueueLimit: 9, Taken: 1, Waiting: 1, OldestWaiting: 30},
		}, d.Pools)
		rest(31 * time.Second)
		require.Equal(t, 1, read().Scheduler.Overdue, "its run waits for more than a minute")
		stopped := rig.InBackground(s.StopJobs)
		require.Equal(t, "stopping", read().Scheduler.State)
		h.Open()
		require.NoError(t, <-stopped)
		d = read().Scheduler
		require.Equal(t, "stopped", d.State)
		require.Equal(t, 1, d.Failing)
		require.Equal(t, []pagePool{{}, {Name: "pool", Mode: "reschedule", Limit: 2, QueueLimit: 9}}, d.Pools)
		require.Equal(t, map[string]int{"succeeded": 1, "cancelled": 2, "failed": 1}, d.Outcomes)
		require.NoError(t, s.Shutdown())
		d = read().Scheduler
		require.Equal(t, "shut down", d.State)
		require.Zero(t, d.Jobs)
	}, gocron.WithLocation(time.UTC), gocron.WithPool("pool", 2, gocron.LimitModeReschedule), gocron.WithQueueLimit(9, "pool"),
		gocron.WithHistory(5), gocron.WithJobStats())
}

func TestSynctestSnapshotJob(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		errs := []error{nil, errors.New(strings.Repeat("ä", 600)), rig.ErrTest}
		n := 0
		j := rig.MustJob(t, s, gocron.CronJob("0 3 * * *", false), func() error { n++; return errs[n-1] },
			gocron.WithName("backup"), gocron.WithKey("key"), gocron.WithTags("a", "b"), gocron.InPool("pool"), gocron.WithLimitedRuns(10))
		s.Start()
		rest(74 * time.Hour)
		require.NoError(t, c.PauseWith(j.ID(), "alice", "deploy"))
		rest(24 * time.Hour)
		row := snapshotOf(t, c, "history=3&next=2&id="+j.ID().String(), "", 0).Jobs.Rows[0]
		require.Equal(t, []any{j.ID().String(), "backup", "key", "cron", "every day at 03:00", "UTC", "pool", "paused"},
			[]any{row.ID, row.Name, row.Key, row.Kind, row.Schedule, row.Location, row.Pool, row.State})
		require.Equal(t, []string{"a", "b"}, row.Tags)
		require.Equal(t, `paused (by "alice" since 2000-01-04T02:00:00Z: "deploy", 7 left of its limited runs); would be due next at 2000-01-05T03:00:00Z`, strings.TrimSpace(row.Why))
		require.Equal(t, "alice", row.Paused.By)
		require.Equal(t, "deploy", row.Paused.Note)
		nexts, err := j.NextRuns(2)
		require.NoError(t, err)
		require.Equal(t, nexts, row.Next)
		require.Equal(t, 7, *row.RunsLeft)
		require.Equal(t, "paused", row.LastOutcome)
		require.Equal(t, map[string]int{"succeeded": 1, "failed": 2, "paused": 1}, row.Outcomes)
		require.Equal(t, rig.ErrTest.Error(), row.Last.Err)
		require.Equal(t, 1, row.LastSuccess.ID)
		require.Equal(t, 3, row.LastFailure.ID)
		require.Len(t, row.History, 3)
		require.Equal(t, strings.Repeat("ä", 510)+"…", row.History[0].Err)
		require.Equal(t, "paused", row.History[2].Outcome)
		started, err := j.LastRunStartedAt()
		require.NoError(t, err)
		require.True(t, started.Equal(row.LastStarted))

		since := row.History[1].ScheduledAt.Format(time.RFC3339)
		until := nexts[0].Format(time.RFC3339)
		row = snapshotOf(t, c, "history=3&next=2&since="+since+"&until="+until, "", 0).Jobs.Rows[0]
		require.Len(t, row.History, 2)
		require.Equal(t, nexts[:1], row.Next)
		row = snapshotOf(t, c, "next=0", "", 0).Jobs.Rows[0]
		require.Empty(t, row.Next)
		require.Empty(t, row.History)
	}, gocron.WithLocation(time.UTC), gocron.WithPool("pool", 2, gocron.LimitModeWait), gocron.WithHistory(5), gocron.WithJobStats())
}

func TestSynctestSnapshotFilters(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		defer h.Open()
		named := func(name string, d gocron.JobDefinition, task any, options ...gocron.JobOption) gocron.Job {
			return rig.MustJob(t, s, d, task, append(options, gocron.WithName(name))...)
		}
		fails := named("Backup", gocron.ManualJob(), func() error { return rig.ErrTest }, gocron.WithTags("disk", "night"))
		mail := named("mail", gocron.DurationJob(time.Hour), rig.Noop, gocron.WithTags("night"), gocron.InPool("pool"))
		named("once", gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.FarFuture)), rig.Noop, gocron.WithKey("K17"), gocron.WithRemoveWhenFinished())
		busy := named("busy", gocron.ManualJob(), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait))
		s.Start()
		_, err := c.RunAndWait(context.Background(), fails.ID())
		require.NoError(t, err)
		_, err = c.RunAndWait(context.Background(), mail.ID())
		require.NoError(t, err)
		rest(time.Second)
		require.NoError(t, c.Pause(busy.ID()))
		require.NoError(t, busy.RunNow())
		require.NoError(t, busy.RunNow())
		rest(2 * time.Minute)
		for filter, want := range map[string]string{
			"":                                       "Backup busy mail once",
			"name=BA":                                "Backup",
			"name=":                                  "Backup busy mail once",
			"q=nigh":                                 "Backup mail",
			"q=k17":                                  "once",
			"q=" + mail.ID().String()[:13]:           "mail",
			"tag=night":                              "Backup mail",
			"tag=night&tag=disk":                     "Backup",
			"tag=nigh":                               "",
			"pool=pool":                              "mail",
			"pool=":                                  "Backup busy once",
			"pool=&pool=pool&kind=manual":            "Backup busy",
			"kind=one-time&kind=duration":            "mail once",
			"state=manual":                           "Backup",
			"state=running":                          "busy",
			"state=waiting":                          "busy",
			"state=paused":                           "busy",
			"state=overdue":                          "busy",
			"state=paused&state=scheduled":           "busy mail once",
			"state=retrying":                         "",
			"outcome=failed":                         "Backup",
			"outcome=failed&outcome=succeeded":       "Backup mail",
			"failing=1":                              "Backup",
			"id=" + fails.ID().String():              "Backup",
			"sort=-name":                             "once mail busy Backup",
			"sort=next&name=m":                       "mail",
			"sort=next&kind=one-time&kind=duration":  "mail once",
			"sort=-next&kind=one-time&kind=duration": "once mail",
			"sort=last&state=paused&state=scheduled": "mail busy once",
			"sort=-last&state=paused&state=scheduled": "busy mail once",
		} {
			p := snapshotOf(t, c, filter, "", 0)
			require.Equal(t, want, strings.Join(names(p), " "), filter)
			require.Equal(t, len(p.Jobs.Rows), p.Jobs.Matched, filter)
			require.Empty(t, p.next)
		}
		require.True(t, snapshotOf(t, c, "name=once", "", 0).Jobs.Rows[0].Transient)
	}, gocron.WithHistory(1), gocron.WithPool("pool", 1, gocron.LimitModeWait))
}

func TestSynctestSnapshotRefuses(t *testing.T) {
	inBubble(t, func(t *testing.T, _ gocron.Scheduler, c *gocron.Controller) {
		for filter, want := range map[string]string{
			"%zz":          `the filter "%zz" is no URL query`,
			"nam=x":        `an unknown key "nam", allowed: q, name, id,`,
			"id=x":         `id="x", allowed: the id of a job`,
			"state=asleep": `state="asleep", allowed: context-ended, manual,`,
			"outcome=fine": `outcome="fine", allowed: succeeded, failed,`,
			"kind=x":       `kind="x", allowed: any-of, cron,`,
			"failing=yes":  `failing="yes", allowed: 1`,
			"sort=tag":     `sort="tag", allowed: name, -name, next,`,
			"next=1001":    `next="1001", allowed: 0 to 1000`,
			"history=-1":   `history="-1", allowed: 0 to 1000`,
			"runs=many":    `runs="many", allowed: 0 to 1000`,
			"since=now":    `since="now", allowed: a time as RFC 3339 has it`,
			"until=":       `until="", allowed: a time as RFC 3339 has it`,
			"parts=jobs,x": `parts="jobs,x", allowed: scheduler, jobs, runs`,
		} {
			_, _, err := c.Snapshot(context.Background(), filter, "", 0)
			require.ErrorIs(t, err, gocron.ErrOptionValue, filter)
			require.ErrorContains(t, err, want)
		}
		for _, limit := range []int{-1, 1001} {
			_, _, err := c.Snapshot(context.Background(), "", "", limit)
			require.ErrorIs(t, err, gocron.ErrOptionValue)
			require.ErrorContains(t, err, fmt.Sprintf("Snapshot limit(%d), allowed: 0 to 1000", limit))
		}
		for _, cursor := range []string{"x", "?", "e30"} {
			_, _, err := c.Snapshot(context.Background(), "", cursor, 0)
			require.ErrorIs(t, err, gocron.ErrOptionValue, cursor)
		}
		_, _, err := c.Snapshot(rig.EndedContext(), "", "", 0)
		require.ErrorIs(t, err, context.Canceled)
		_, _, err = gocron.NewController(nil).Snapshot(context.Background(), "", "", 0)
		require.ErrorIs(t, err, errors.ErrUnsupported)
	})
}

// A cursor is a place in the order: jobs that come and go move nothing.
func TestSynctestSnapshotPages(t *testing.T) {
	for _, count := range []int{7, 1500} { // the order of more than 1000 is kept for a second
		for _, by := range []string{"name", "-name", "next", "-next", "last", "-last"} {
			t.Run(fmt.Sprint(by, count), func(t *testing.T) {
				inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
					for i := range count {
						d := gocron.JobDefinition(gocron.ManualJob())
						if i%3 > 0 {
							d = gocron.DurationJob(time.Duration(i/2+1) * time.Hour)
						}
						rig.MustJob(t, s, d, rig.Noop, gocron.WithName(fmt.Sprint("job ", i/2)), gocron.WithTags(fmt.Sprint(i%2)))
					}
					s.Start()
					seen := make(map[string]bool)
					var last pageJob
					pages, cursor := 0, ""
					for {
						p := snapshotOf(t, c, "sort="+by+"&parts=jobs", cursor, 1+count/3)
						for _, row := range p.Jobs.Rows {
							require.False(t, seen[row.ID], "twice")
							if by == "name" {
								require.LessOrEqual(t, last.Name, row.Name)
							}
							seen[row.ID], last = true, row
						}
						pages++
						if pages == 1 {
							require.NoError(t, s.RemoveJob(uuid.MustParse(last.ID)))
						}
						if cursor = p.next; cursor == "" {
							break
						}
					}
					require.Equal(t, 3, pages)
					require.Len(t, seen, count)
					half := snapshotOf(t, c, "tag=0&parts=jobs&sort="+by, "", 2)
					require.InDelta(t, count/2, half.Jobs.Matched, 1)
					require.Len(t, half.Jobs.Rows, 2)
					require.NotEmpty(t, half.next)
					_, _, err := c.Snapshot(context.Background(), "sort=next", half.next, 0)
					require.Equal(t, by == "next", err == nil, "a cursor of another order")
				})
			})
		}
	}
}

// Of more than 1000 jobs the order is kept for a second, rows are always new.
func TestSynctestSnapshotOfManyJobs(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		for i := range 1001 {
			rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithName(fmt.Sprintf("job %04d", i)))
		}
		s.Start()
		first := s.Jobs()[0]
		filter := "state=scheduled"
		require.Equal(t, 1001, snapshotOf(t, c, filter, "", 1).Jobs.Matched)
		require.NoError(t, c.Pause(first.ID()))
		filter += "&id=" + first.ID().String()
		p := snapshotOf(t, c, filter, "", 0)
		require.Empty(t, p.Jobs.Rows, "it is paused by now")
		require.Equal(t, 1, p.Jobs.Matched)
		added := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
		require.Equal(t, 0, snapshotOf(t, c, "id="+added.ID().String(), "", 0).Jobs.Matched)
		rest(time.Second)
		require.Equal(t, 0, snapshotOf(t, c, filter, "", 0).Jobs.Matched)
		require.Equal(t, 1, snapshotOf(t, c, "id="+added.ID().String(), "", 0).Jobs.Matched)
	})
}

func TestSynctestSnapshotRuns(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		read := func(filter string) page {
			synctest.Wait()
			return snapshotOf(t, c, "parts=runs&"+filter, "", 0)
		}
		h := rig.NewHoldup(t)
		slow := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithName("slow"), gocron.InPool("pool"))
		turns := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithName("turns"), gocron.WithSingletonMode(gocron.LimitModeWait))
		fails := rig.MustJob(t, s, rig.Ages(), func() error { return rig.ErrTest }, gocron.WithName("fails"), rig.Retries(2, time.Hour))
		s.Start()
		require.NoError(t, turns.RunNow())
		synctest.Wait()
		newWatch(t, c)
		for range 3 {
			rest(time.Minute)
			require.NoError(t, slow.RunNow())
		}
		require.NoError(t, turns.RunNow())
		require.NoError(t, fails.RunNow())
		runs := read("").Runs
		require.Equal(t, []int{2, 3, 1}, []int{runs.Running.Count, runs.Waiting.Count, runs.Retrying.Count})
		require.Len(t, runs.Running.Rows, 1, "the other began while nobody watched")
		r := runs.Running.Rows[0]
		require.Equal(t, []any{2, "slow", "pool", "run-now", 1, "pending", "running", ""},
			[]any{r.ID, r.JobName, r.Pool, r.Trigger, r.Attempt, r.Outcome, r.Stage, r.WaitsFor})
		require.Equal(t, 2*time.Minute, time.Since(r.StartedAt))
		require.Len(t, runs.Waiting.Rows, 3)
		r = runs.Waiting.Rows[0]
		require.Equal(t, []any{3, "slow", "waiting", "slot"}, []any{r.ID, r.JobName, r.Stage, r.WaitsFor})
		require.Equal(t, time.Minute, time.Since(r.QueuedAt))
		require.Equal(t, "turns job", runs.Waiting.Rows[2].JobName+" "+runs.Waiting.Rows[2].WaitsFor)
		r = runs.Retrying.Rows[0]
		require.Equal(t, []any{"fails", "retrying", rig.ErrTest.Error()}, []any{r.JobName, r.Stage, r.Err})
		require.Equal(t, time.Hour, time.Until(r.NextAttempt))

		runs = read("name=slow&runs=1").Runs
		require.Equal(t, []int{1, 2, 0}, []int{runs.Running.Count, runs.Waiting.Count, runs.Retrying.Count})
		require.Len(t, runs.Waiting.Rows, 1)
		h.Open()
		runs = read("").Runs
		require.Equal(t, []int{0, 0, 1}, []int{runs.Running.Count, runs.Waiting.Count, runs.Retrying.Count})
		require.NotNil(t, runs.Running.Rows)
	}, gocron.WithPool("pool", 1, gocron.LimitModeWait))
}

// Since when a run waits is known whether anybody watches or not.
func TestSynctestSnapshotOfRunsThatWait(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		defer h.Open()
		j := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait))
		s.Start()
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		rest(time.Minute)
		runs := snapshotOf(t, c, "parts=runs", "", 0).Runs
		require.Equal(t, 1, runs.Running.Count)
		require.Empty(t, runs.Running.Rows)
		require.Equal(t, time.Minute, time.Since(runs.Waiting.Rows[0].QueuedAt))
	})
}

// The times of user code are not asked for.
func TestSynctestSnapshotCallsNoUserCode(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		asked := 0
		j := rig.MustJob(t, s, gocron.ScheduleJob(gocron.ScheduleFunc(func(after time.Time) time.Time {
			asked++
			return after.Add(time.Hour)
		})), rig.Noop)
		rig.MustJob(t, s, gocron.DurationRandomJob(time.Hour, 2*time.Hour), rig.Noop)
		s.Start()
		synctest.Wait()
		before := asked
		p := snapshotOf(t, c, "next=5", "", 0)
		for _, row := range p.Jobs.Rows {
			require.Len(t, row.Next, 1)
			if row.ID == j.ID().String() {
				next, err := j.NextRun()
				require.NoError(t, err)
				require.True(t, next.Equal(row.Next[0]))
			}
		}
		require.Equal(t, before, asked)
	})
}

// Snapshots, watchers and EachJob beside runs: for the race detector.
func TestSynctestFactsBesideRuns(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		for i := range 20 {
			task := func() error {
				time.Sleep(time.Duration(i) * time.Millisecond)
				if i%3 == 0 {
					return rig.ErrTest
				}
				return nil
			}
			rig.MustJob(t, s, gocron.DurationJob(7*time.Millisecond), task, gocron.InPool("pool"), gocron.WithSingletonMode(gocron.LimitMode(1+i%4)),
				rig.Retries(2, 3*time.Millisecond), gocron.WithTags(fmt.Sprint(i%2)), gocron.WithName(fmt.Sprint("job ", i)))
		}
		s.Start()
		var wg sync.WaitGroup
		for _, filter := range []string{"history=3&next=3", "state=waiting&sort=-next", "tag=1&sort=last&parts=jobs,runs", "parts=scheduler"} {
			wg.Go(func() {
				for range 200 {
					p := snapshotOf(t, c, filter, "", 10)
					if d := p.Scheduler; d != nil {
						finished := 0
						for _, n := range d.Outcomes {
							finished += n
						}
						require.Equal(t, d.Made, finished+d.RunsRunning+d.RunsWaiting+d.RunsRetrying)
					}
					time.Sleep(time.Millisecond)
				}
			})
		}
		wg.Go(func() {
			for i := range 200 {
				ctx, cancel := context.WithCancel(context.Background())
				require.NoError(t, c.Watch(ctx, func(_ string, run gocron.RunInfo) { _ = run.Facts() }))
				factsOf := 0
				require.NoError(t, c.EachJob(context.Background(), func(gocron.JobFacts) bool { factsOf++; return true }))
				require.Equal(t, 20, factsOf)
				if i%5 == 0 {
					require.NoError(t, c.PauseByTagsWith("who", "note", "1"))
					time.Sleep(time.Millisecond)
					require.NoError(t, c.ResumeByTags("1"))
				}
				time.Sleep(time.Millisecond)
				cancel()
			}
		})
		wg.Wait()
		require.NoError(t, s.StopJobs())
		require.NotZero(t, snapshotOf(t, c, "", "", 0).Scheduler.Outcomes["succeeded"])
	}, gocron.WithPool("pool", 3, gocron.LimitModeWait), gocron.WithHistory(4), gocron.WithJobStats())
}
