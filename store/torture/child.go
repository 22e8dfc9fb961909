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

// planVariable has the plan of a process that is to be killed.
const planVariable = "GOCRON_TORTURE_PLAN"

// serveChild runs the jobs if this process is there for that, until it is killed. It reports whether
// it is.
func serveChild() bool {
	text, is := os.LookupEnv(planVariable)
	if !is {
		return false
	}
	var p plan
	err := json.Unmarshal([]byte(text), &p)
	if err == nil {
		err = (&child{plan: p, draw: rand.New(rand.NewSource(p.Seed * int64(p.Child)))}).run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
	return true
}

type child struct {
	plan
	draw   *rand.Rand // only for the goroutine of run
	ledger *os.File
}

func (c *child) run() (err error) {
	if c.ledger, err = os.OpenFile(c.plan.ledger(), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644); err != nil {
		return err
	}
	store, err := sqlite.Open(context.Background(), c.database(), sqlite.WithKeep(0, 0))
	if err != nil {
		return err
	}
	s, err := gocron.NewScheduler(gocron.WithStore(store), gocron.WithLogger(gocron.NewLogger(gocron.LogLevelError)))
	if err != nil {
		return err
	}
	var paused []gocron.Job
	for _, j := range jobs() {
		definition, options := j.definition(c.plan)
		made, err := s.NewJob(definition, gocron.NewTask(c.task(j)), options...)
		if err != nil && !errors.Is(err, gocron.ErrJobNeverRuns) {
			return fmt.Errorf("%s: %w", j.title(), err)
		}
		if j.pause {
			paused = append(paused, made)
		}
	}
	s.Start()
	fmt.Println("started")
	controller := gocron.NewController(s)
	for end := time.Now().Add(lastLife); !c.Last || time.Now().Before(end); {
		time.Sleep(time.Duration(c.draw.Int63n(int64(60 * time.Millisecond))))
		j := paused[c.draw.Intn(len(paused))]
		if c.draw.Intn(2) == 0 {
			err = controller.PauseWith(j.ID(), "torture", "at random")
		} else {
			err = controller.Resume(j.ID())
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(s.Shutdown(), store.Close())
}

// lastLife is how long the last process runs the jobs.
const lastLife = 1500 * time.Millisecond

var errDrawn = errors.New("drawn")

// task writes a line when it is called, and one when it returns.
func (c *child) task(j job) func(context.Context) error {
	return func(ctx context.Context) error {
		info, _ := gocron.RunFromContext(ctx)
		line := entry{
			Job: j.title(), Due: info.ScheduledAt.UnixNano(), Attempt: info.Attempt, Child: c.Child,
			Trigger: info.Trigger.String(), At: time.Now().UnixNano(), What: called,
		}
		c.note(line)
		time.Sleep(time.Duration(rand.Int63n(int64(j.takes))))
		line.At, line.What = time.Now().UnixNano(), returned
		if j.fails && rand.Intn(2) == 0 {
			line.What = failed
		}
		c.note(line)
		if line.What == failed {
			return errDrawn
		}
		return nil
	}
}

// lineLength is that of a line of the ledger. A page of memory has a whole number of them: a process
// that is killed writes a page whole or not at all, but not always all pages of one write.
const lineLength = 256

// note writes a line in one piece.
func (c *child) note(line entry) {
	text, err := json.Marshal(line)
	if err == nil {
		_, err = fmt.Fprintf(c.ledger, "%-*s\n", lineLength-1, text)
	}
	if err != nil {
		panic(err)
	}
}
