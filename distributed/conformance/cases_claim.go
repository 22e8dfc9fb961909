package conformance

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// playQueueWait: a run that has waited for so long that its claim, made elsewhere, may be
// forgotten is refused.
func playQueueWait(s *stage) error {
	specs := s.cluster(2, jobSpec{Name: "job", Cron: everySecond, Task: 5 * time.Millisecond})
	keep := max(s.engine.keep(), 5*time.Second)
	for i := range specs {
		specs[i].Config.Keep = keep
	}
	specs[0].Limit = 1
	specs[0].Jobs = append(specs[0].Jobs, jobSpec{Name: "blocker", Every: never, Task: -1, Unlocked: true})
	nodes, err := s.startAll(0, specs...)
	if err != nil {
		return err
	}
	a, b := nodes[0], nodes[1]
	if err := a.tell("run blocker"); err != nil {
		return err
	}
	if _, err := s.event("the slot to be taken", func(e event) bool { return e.is(runBegan, "blocker", "a") }); err != nil {
		return err
	}
	w := s.ahead(0, int(keep/time.Second)+4)
	if err := s.past(w, "job", b); err != nil {
		return err
	}
	if err := a.tell("release"); err != nil {
		return err
	}
	err = s.past(w, "job", nodes...)
	late := count(s.all(), func(e event) bool {
		return e.is(runFinished, "job", "a") && w.has(e) && e.Outcome == gocron.OutcomeLockedElsewhere.String()
	})
	s.figures = w.tally(s.all(), "job")
	s.exact(s.figures)
	s.expect(late == w.n, "of %d runs that had waited %d were refused", w.n, late)
	s.figures.Note = fmt.Sprintf("%d asked late", late)
	return err
}

// never is an interval that does not come round in a test.
const never = 10 * 365 * 24 * time.Hour

// playStorm: 100 nodes ask for the same 1,000 occurrences, each in an order of its own.
func playStorm(s *stage) error {
	const nodes, occurrences = 100, 1000
	claimers := make([]gocron.Claimer, nodes)
	for i := range claimers {
		var err error
		if claimers[i], err = s.claimer(s.config(fmt.Sprint("node", i))); err != nil {
			return err
		}
	}
	var granted [occurrences]atomic.Int32
	var failed atomic.Int32
	var failure atomic.Pointer[error]
	from := time.Now().Truncate(time.Second)
	begun := time.Now()
	var all sync.WaitGroup
	for _, claimer := range claimers {
		all.Add(1)
		go func() {
			defer all.Done()
			for _, i := range rand.Perm(occurrences) {
				_, err := claimer.Claim(s.ctx, "job", from.Add(time.Duration(i)*time.Second))
				switch {
				case err == nil:
					granted[i].Add(1)
				case isDown(err) || s.ctx.Err() != nil:
					failed.Add(1)
					failure.CompareAndSwap(nil, &err)
				}
			}
		}()
	}
	all.Wait()
	took := time.Since(begun)
	s.figures = Figures{Occurrences: occurrences}
	for i := range granted {
		n := int(granted[i].Load())
		s.figures.Runs += n
		s.figures.Duplicates += max(0, n-1)
		if n == 0 {
			s.figures.Missed++
		}
	}
	s.figures.Note = fmt.Sprintf("%.0f claims/s", nodes*occurrences/took.Seconds())
	s.exact(s.figures)
	if first := failure.Load(); first != nil {
		return fmt.Errorf("%d claims were neither granted nor refused, one of them: %w", failed.Load(), *first)
	}
	return nil
}

// isDown reports whether err says that the engine could not be asked.
func isDown(err error) bool {
	var down interface{ EngineDown() bool }
	return errors.As(err, &down) && down.EngineDown()
}

// claimer is that of a node in this process.
func (s *stage) claimer(config NodeConfig) (gocron.Claimer, error) {
	n, err := s.open(config)
	if err != nil {
		return nil, err
	}
	claimer, ok := n.Locker.(gocron.Claimer)
	if !ok {
		return nil, fmt.Errorf("the locker, a %T, is no gocron.Claimer", n.Locker)
	}
	return claimer, nil
}

// playSameName: by its name alone a job is told from others on other nodes.
func playSameName(s *stage) error {
	claimer, err := s.claimer(s.config("a"))
	if err != nil {
		return err
	}
	scheduler, err := gocron.NewScheduler(gocron.WithDistributedLocker(claimer))
	if err != nil {
		return err
	}
	defer scheduler.Shutdown()
	refused := 0
	for _, c := range []struct {
		options []gocron.JobOption
		want    error
	}{
		{[]gocron.JobOption{gocron.WithName("job")}, nil},
		{[]gocron.JobOption{gocron.WithName("job")}, gocron.ErrClaimNameTaken},
		{nil, gocron.ErrClaimNoName},
		{[]gocron.JobOption{gocron.WithName("job"), gocron.WithDisabledDistributedJobLocker(true)}, nil},
	} {
		_, err := scheduler.NewJob(gocron.DurationJob(never), gocron.NewTask(func() {}), c.options...)
		s.expect(errors.Is(err, c.want), "NewJob returned %v, not %v", err, c.want)
		if err != nil {
			refused++
		}
	}
	s.figures.Note = "refused"
	s.expect(refused == 2, "%d jobs were refused", refused)
	return nil
}

// playRetries: another attempt needs no other claim, and no other node makes it.
func playRetries(s *stage) error {
	const attempts = 3
	specs := s.cluster(2, jobSpec{Name: "job", Cron: everySecond, Task: time.Millisecond, Attempts: attempts})
	if err := s.playExact(0, 3, specs); err != nil {
		return err
	}
	tries := 0
	for _, e := range s.all() {
		if e.is(runFinished, "job", "") && e.Attempt > 0 {
			tries += e.Attempt
			s.expect(e.Outcome == gocron.OutcomeSucceeded.String() && e.Attempt == attempts, "after %d attempts: %s", e.Attempt, e.Outcome)
			claims := count(s.all(), func(c event) bool { return c.is(runClaimed, "job", "") && c.Scheduled.Equal(e.Scheduled) })
			s.expect(claims == 1, "%d claims for one occurrence", claims)
		}
	}
	s.figures.Note = fmt.Sprintf("%d attempts each", attempts)
	return nil
}

// playRunNow: what RunNow asks for is no occurrence, and runs wherever it is asked for.
func playRunNow(s *stage) error {
	nodes, err := s.startAll(0, s.cluster(2, jobSpec{Name: "job", Every: never, Task: time.Millisecond})...)
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if err := s.tell(n, "run job"); err != nil {
			return err
		}
	}
	isRun := func(e event) bool {
		return e.is(runFinished, "job", "") && e.Outcome == gocron.OutcomeSucceeded.String()
	}
	err = s.until("both nodes to run", func(events []event) bool { return count(events, isRun) == len(nodes) })
	claims := count(s.all(), func(e event) bool { return e.is(runClaimed, "", "") })
	s.expect(claims == 0, "%d claims were made", claims)
	s.figures.Note = fmt.Sprintf("%d runs, %d claims", count(s.all(), isRun), claims)
	return err
}

// playLeftovers: of a cluster that is gone, closed or crashed, nothing stays in the
// server when the claims' time is over.
func playLeftovers(s *stage) error {
	specs := s.cluster(2, jobSpec{Name: "job", Cron: everySecond, Task: 5 * time.Millisecond})
	for i := range specs {
		c := &specs[i].Config
		c.Keep, c.TTL, c.RunLock, c.Elector = s.engine.keep(), s.engine.ttl(), s.engine.RunLock, s.engine.Elector
	}
	// Some engines are tidied up by their nodes: this one stays, and claims nothing.
	idle := specs[0].Config
	idle.Name, idle.RunLock, idle.Elector = "idle", false, false
	if _, err := s.open(idle); err != nil {
		return err
	}
	nodes, err := s.startAll(0, specs...)
	if err != nil {
		return err
	}
	if err := s.until("three runs", func(events []event) bool {
		return count(events, func(e event) bool { return e.is(runBegan, "job", "") }) >= 3
	}); err != nil {
		return err
	}
	held, err := s.engine.Leftovers(s.ctx, s.namespace)
	if err != nil {
		return err
	}
	s.expect(held > 0, "Leftovers counts nothing while claims are held")
	nodes[0].kill()
	if err := s.tell(nodes[1], "close"); err != nil {
		return err
	}
	for left := held; left > 0; {
		if left, err = s.engine.Leftovers(s.ctx, s.namespace); err != nil {
			return fmt.Errorf("counting what is left: %w", err)
		}
		if err := s.pause(250 * time.Millisecond); err != nil {
			return fmt.Errorf("%d entries are left: %w", left, err)
		}
	}
	s.figures.Note = fmt.Sprintf("%d, then 0 entries", held)
	return nil
}

// pause lets time pass.
func (s *stage) pause(d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
}
