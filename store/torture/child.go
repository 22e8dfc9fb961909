package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"slices"
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
	draw       *rand.Rand // only for the goroutine of run
	ledger     *os.File
	scheduler  gocron.Scheduler
	controller *gocron.Controller
	made       map[string]gocron.Job // by title
}

func (c *child) run() (err error) {
	if c.ledger, err = os.OpenFile(c.plan.ledger(), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644); err != nil {
		return err
	}
	clock, err := c.newClock(c.Seed + int64(c.Child))
	if err != nil {
		return err
	}
	c.noteNow(entry{What: opens, Pid: os.Getpid()})
	store, err := sqlite.Open(context.Background(), c.database(), sqlite.WithKeep(0, 0))
	if err != nil {
		return err
	}
	s, err := gocron.NewScheduler(gocron.WithStore(store), gocron.WithLocation(time.UTC), gocron.WithStopTimeout(time.Minute),
		gocron.WithLogger(gocron.NewLogger(gocron.LogLevelError)))
	if err != nil {
		return err
	}
	c.scheduler, c.controller, c.made = s, gocron.NewController(s), map[string]gocron.Job{}
	if err := c.start(); err != nil {
		return err
	}
	fmt.Println("started")
	if c.Clock != keeps && !c.Last {
		go clock.run()
	}
	acts := []func() error{c.pause, c.makeAgain}
	if c.Clock != steps {
		acts = append(acts, c.change)
	}
	life := lastLife
	if c.Clock == steps {
		life *= 2 // there is more to go through
	}
	if c.Last && c.Clock == steps && c.Child > longSeries {
		clock.set(clock.offset + tooLong)
		life = lastLongLife
	}
	for end := time.Now().Add(life); !c.Last || time.Now().Before(end); {
		c.wait(60 * time.Millisecond)
		if err := acts[c.draw.Intn(len(acts))](); err != nil {
			return err
		}
	}
	return errors.Join(s.Shutdown(), store.Close())
}

// wait waits for a random time.
func (c *child) wait(most time.Duration) { time.Sleep(time.Duration(c.draw.Int63n(int64(most)))) }

// start makes all jobs, and starts the scheduler.
func (c *child) start() error {
	var changing []entry
	for _, j := range jobs() {
		every := j.every
		if j.changes {
			every = c.drawInterval()
			changing = append(changing, entry{Job: j.title(), Every: every})
			c.noteNow(entry{What: defines, Job: j.title(), Every: every})
		}
		if err := c.makeJob(j, every); err != nil {
			return err
		}
	}
	c.scheduler.Start()
	for _, made := range changing {
		made.What = defined
		c.noteNow(made)
	}
	return nil
}

func (c *child) drawInterval() time.Duration { return changes[c.draw.Intn(len(changes))] }

// makeJob makes a job that is not there.
func (c *child) makeJob(j job, every time.Duration) error {
	definition, options := j.definition(c.plan, every)
	made, err := c.scheduler.NewJob(definition, gocron.NewTask(c.task(j)), options...)
	if err != nil && !errors.Is(err, gocron.ErrJobNeverRuns) {
		return fmt.Errorf("%s: %w", j.title(), err)
	}
	c.made[j.title()] = made
	return nil
}

// pause pauses a job, or has it go on.
func (c *child) pause() error {
	j := c.made[c.drawJob(func(j job) bool { return j.pause }).title()]
	if c.draw.Intn(2) == 0 {
		return c.controller.PauseWith(j.ID(), "torture", "at random")
	}
	return c.controller.Resume(j.ID())
}

// change gives a job another schedule, or maybe the same.
func (c *child) change() error {
	j := c.drawJob(func(j job) bool { return j.changes })
	every := c.drawInterval()
	if c.draw.Intn(2) == 0 {
		c.noteNow(entry{What: defines, Job: j.title(), Every: every})
		if err := c.update(j, every); err != nil {
			return err
		}
	} else {
		c.noteNow(entry{What: removes, Job: j.title()})
		if err := c.remove(j); err != nil {
			return err
		}
		c.noteNow(entry{What: removed, Job: j.title()})
		c.wait(100 * time.Millisecond)
		c.noteNow(entry{What: defines, Job: j.title(), Every: every})
		if err := c.makeJob(j, every); err != nil {
			return err
		}
	}
	c.noteNow(entry{What: defined, Job: j.title(), Every: every})
	return nil
}

// makeAgain updates a job with what it has, or removes it and adds it again. It goes on where it was.
func (c *child) makeAgain() error {
	j := c.drawJob(func(j job) bool { return !j.changes })
	if c.draw.Intn(2) == 0 {
		return c.update(j, j.every)
	}
	if err := c.remove(j); err != nil {
		return err
	}
	c.wait(50 * time.Millisecond)
	return c.makeJob(j, j.every)
}

// update is Update. A job that had nothing left to do is not there any more.
func (c *child) update(j job, every time.Duration) error {
	made := c.made[j.title()]
	if made == nil {
		return nil
	}
	definition, options := j.definition(c.plan, every)
	_, err := c.scheduler.Update(made.ID(), definition, gocron.NewTask(c.task(j)), options...)
	return j.unlessItLeft(err)
}

func (c *child) remove(j job) error {
	made := c.made[j.title()]
	if made == nil {
		return nil
	}
	return j.unlessItLeft(c.scheduler.RemoveJob(made.ID()))
}

// unlessItLeft is err, unless the job is one that leaves by itself, and has left.
func (j job) unlessItLeft(err error) error {
	leaves := j.limit > 0 || j.isOneTime()
	switch {
	case err == nil, leaves && errors.Is(err, gocron.ErrJobNotFound), leaves && errors.Is(err, gocron.ErrJobNeverRuns):
		return nil
	}
	return fmt.Errorf("%s: %w", j.title(), err)
}

// drawJob draws one of the jobs that are meant.
func (c *child) drawJob(is func(job) bool) job {
	all := slices.DeleteFunc(jobs(), func(j job) bool { return !is(j) })
	return all[c.draw.Intn(len(all))]
}

const (
	// lastLife is how long the last process runs the jobs.
	lastLife = 1500 * time.Millisecond
	// lastLongLife is how long it does if its clock is set forward by more than a week.
	lastLongLife = 40 * time.Second
	// longSeries is how many kills there are at least if it is.
	longSeries = 100
)

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

// noteNow notes what is done, with the time.
func (c *child) noteNow(line entry) {
	line.Child, line.At = c.Child, time.Now().UnixNano()
	c.note(line)
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
