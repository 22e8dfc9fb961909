package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"time"

	"github.com/gocron-fixed/gocron/store/sqlite"
	gocron "github.com/gocron-fixed/gocron/v2"
)

// A plan is what a child process is told.
type plan struct {
	Folder string
	Base   time.Time // when the jobs begin
	Last   bool      // it ends by itself, when it has caught up
}

func (p plan) database() string { return p.Folder + "/jobs.db" }
func (p plan) calls() string    { return p.Folder + "/calls.txt" }

// planVariable has the plan, as JSON, in the environment of a child process.
const planVariable = "GOCRON_RESTART_PLAN"

// serveChild runs the jobs if this process is a child. It reports whether it is.
func serveChild() bool {
	text, is := os.LookupEnv(planVariable)
	if !is {
		return false
	}
	var p plan
	err := json.Unmarshal([]byte(text), &p)
	if err == nil {
		err = p.runJobs()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
	return true
}

// runJobs is an ordinary program with a store. Until it is killed, or has caught up and is the last, it
// pauses a job now and then.
func (p plan) runJobs() error {
	calls, err := os.OpenFile(p.calls(), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer calls.Close()
	store, err := sqlite.Open(context.Background(), p.database(), sqlite.WithKeep(0, 0)) // all rows, for the account
	if err != nil {
		return err
	}
	s, err := gocron.NewScheduler(gocron.WithStore(store), gocron.WithLogger(gocron.NewLogger(gocron.LogLevelError)))
	if err != nil {
		return err
	}
	var pausable gocron.Job
	for _, j := range jobs {
		options := append([]gocron.JobOption{gocron.WithName(j.name), gocron.WithStartAt(gocron.WithStartDateTimePast(p.Base))}, j.options...)
		made, err := s.NewJob(gocron.DurationJob(j.every), gocron.NewTask(j.task(calls)), options...)
		if err != nil {
			return err
		}
		if j.paused {
			pausable = made
		}
	}
	s.Start()
	control := gocron.NewController(s)
	for began := time.Now(); !p.Last || !caughtUp(store, began) && time.Since(began) < time.Minute; time.Sleep(time.Duration(rand.Intn(400)) * time.Millisecond) {
		if paused, _ := control.Paused(pausable.ID()); paused {
			err = control.Resume(pausable.ID())
		} else {
			err = control.PauseWith(pausable.ID(), "demo", "at random")
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(s.Shutdown(), store.Close())
}

// caughtUp reports whether everything that was due by then is settled.
func caughtUp(store *sqlite.Store, then time.Time) bool {
	all := true
	err := store.Load(context.Background(), func(j sqlite.Job) error {
		all = all && !j.Mark.Before(then)
		return nil
	}, func(sqlite.Run) error { return nil })
	return err == nil && all
}

// A call is a line in the file that tasks write to themselves, so that the account does not rely on
// the store alone.
type call struct {
	Job     string
	Due     time.Time
	Attempt int
	End     string // "" when the task is called, then "returned" or "failed"
}

var errDrawn = errors.New("drawn by lot")

func (j job) task(calls *os.File) func(context.Context) error {
	return func(ctx context.Context) error {
		run, _ := gocron.RunFromContext(ctx)
		line := call{Job: j.name, Due: run.ScheduledAt, Attempt: run.Attempt}
		line.write(calls)
		time.Sleep(j.takes)
		line.End = "returned"
		if j.fails && rand.Intn(2) == 0 {
			line.End = "failed"
		}
		line.write(calls)
		if line.End == "failed" {
			return errDrawn
		}
		return nil
	}
}

// write writes the line in one piece.
func (c call) write(to *os.File) {
	text, err := json.Marshal(c)
	if err == nil {
		_, err = to.Write(append(text, '\n'))
	}
	if err != nil {
		panic(err)
	}
}
