//go:build go1.25

package claims_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A voteElector leads or not, and counts how often it is asked.
type voteElector struct {
	err   error
	asked int
}

func (e *voteElector) IsLeader(context.Context) error { e.asked++; return e.err }

// A termVoteElector leads for a term.
type termVoteElector struct {
	voteElector
	ended chan struct{}
}

func (e *termVoteElector) Term(context.Context) (<-chan struct{}, int64, error) {
	return e.ended, 42, e.err
}

// A countingLocker counts how often it is asked.
type countingLocker struct{ locks, claims int }

type noLock struct{}

func (noLock) Unlock(context.Context) error { return nil }

func (l *countingLocker) Lock(context.Context, string) (gocron.Lock, error) {
	l.locks++
	return noLock{}, nil
}

// A countingClaimer is a countingLocker that claims.
type countingClaimer struct{ countingLocker }

func (l *countingClaimer) Claim(context.Context, string, time.Time) (gocron.Lock, error) {
	l.claims++
	return noLock{}, nil
}

// inElectedBubble runs f in a bubble, with a started scheduler and its Controller.
func inElectedBubble(t *testing.T, f func(t *testing.T, s gocron.Scheduler, c *gocron.Controller), options ...gocron.SchedulerOption) {
	synctest.Test(t, func(t *testing.T) {
		s, err := gocron.NewScheduler(options...)
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Shutdown()) }()
		s.Start()
		f(t, s, gocron.NewController(s))
	})
}

func outcomeOf(t *testing.T, s gocron.Scheduler, c *gocron.Controller, options ...gocron.JobOption) gocron.RunInfo {
	t.Helper()
	j, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(func() {}), options...)
	require.NoError(t, err)
	run, err := c.RunAndWait(context.Background(), j.ID())
	require.NoError(t, err)
	return run
}

var errFollower = errors.New("the leader is another")

func TestSynctestContractOneJobIsElectedAndTheOthersAreNot(t *testing.T) {
	inElectedBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		follower, leader := &voteElector{err: errFollower}, &voteElector{}
		run := outcomeOf(t, s, c, gocron.WithDistributedJobElector(follower))
		require.Equal(t, gocron.OutcomeNotLeader, run.Outcome)
		require.Equal(t, errFollower, run.Err)
		require.Equal(t, gocron.OutcomeSucceeded, outcomeOf(t, s, c, gocron.WithDistributedJobElector(leader)).Outcome)
		require.Equal(t, gocron.OutcomeSucceeded, outcomeOf(t, s, c).Outcome)
		require.Equal(t, 1, follower.asked)
		require.Equal(t, 1, leader.asked)
	})
}

func TestSynctestContractTheElectorOfAJobStandsInPlaceOfTheSchedulers(t *testing.T) {
	general, own := &voteElector{err: errFollower}, &voteElector{}
	inElectedBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		require.Equal(t, gocron.OutcomeSucceeded, outcomeOf(t, s, c, gocron.WithDistributedJobElector(own)).Outcome)
		require.Zero(t, general.asked)
		require.Equal(t, gocron.OutcomeNotLeader, outcomeOf(t, s, c).Outcome)
		require.Equal(t, 1, general.asked)
		require.Equal(t, 1, own.asked)
	}, gocron.WithDistributedElector(general))
}

func TestSynctestContractBesideTheElectorOfAJobAPlainLockerIsNotAsked(t *testing.T) {
	locker := &countingLocker{}
	inElectedBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		own := &countingLocker{}
		outcomeOf(t, s, c, gocron.WithDistributedJobElector(&voteElector{}), gocron.WithDistributedJobLocker(own))
		outcomeOf(t, s, c, gocron.WithDistributedJobElector(&voteElector{}))
		require.Zero(t, own.locks+locker.locks)
		outcomeOf(t, s, c)
		require.Equal(t, 1, locker.locks)
	}, gocron.WithDistributedLocker(locker))
}

func TestSynctestContractBesideTheElectorOfAJobAClaimerIsAsked(t *testing.T) {
	claimer, elector := &countingClaimer{}, &voteElector{}
	inElectedBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		ran := 0
		_, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() { ran++ }), gocron.WithName("report"),
			gocron.WithDistributedJobElector(elector))
		require.NoError(t, err)
		time.Sleep(150 * time.Minute)
		synctest.Wait()
		require.Equal(t, 2, ran)
		require.Equal(t, 2, elector.asked)
		require.Equal(t, 2, claimer.claims)
	}, gocron.WithDistributedLocker(claimer))
}

func TestSynctestContractTheElectorOfAJobMayHaveTerms(t *testing.T) {
	inElectedBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		elector := &termVoteElector{ended: make(chan struct{})}
		var cause error
		j, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(func(ctx context.Context) error {
			time.AfterFunc(time.Minute, func() { close(elector.ended) })
			<-ctx.Done()
			cause = context.Cause(ctx)
			return ctx.Err()
		}), gocron.WithDistributedJobElector(elector))
		require.NoError(t, err)
		run, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, gocron.OutcomeCancelled, run.Outcome)
		require.Equal(t, int64(42), run.FencingToken)
		require.Equal(t, gocron.ErrTermEnded, cause)
		require.Zero(t, elector.asked, "Term is asked in the place of IsLeader")
	})
}

func TestSynctestContractTheElectorOfAJobMayBeDown(t *testing.T) {
	inElectedBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		down := gocron.WithDistributedJobElector(&voteElector{err: gocron.ErrEngineDown})
		require.Equal(t, gocron.OutcomeEngineDown, outcomeOf(t, s, c, down).Outcome)
		require.Equal(t, gocron.OutcomeSucceeded, outcomeOf(t, s, c, down, gocron.WithEngineDown(gocron.EngineDownRun)).Outcome)
	})
}

func TestContractANilElectorOfAJobIsRefused(t *testing.T) {
	s, err := gocron.NewScheduler()
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Shutdown()) }()
	var none *voteElector
	for _, elector := range []gocron.Elector{nil, none} {
		_, err = s.NewJob(gocron.ManualJob(), gocron.NewTask(func() {}), gocron.WithName("report"), gocron.WithDistributedJobElector(elector))
		require.True(t, err == gocron.ErrWithDistributedJobElectorNil, "%v", err)
	}
}

// Two jobs of one name share a plain locker's lock, which is worth a warning; not if it is not
// asked.
func TestContractTheElectorOfAJobSparesTheWarningOfASharedLock(t *testing.T) {
	for _, elected := range []bool{true, false} {
		var log bytes.Buffer
		s, err := gocron.NewScheduler(gocron.WithDistributedLocker(&countingLocker{}),
			gocron.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))))
		require.NoError(t, err)
		options := []gocron.JobOption{gocron.WithName("report")}
		if elected {
			options = append(options, gocron.WithDistributedJobElector(&voteElector{}))
		}
		for range 2 {
			_, err = s.NewJob(gocron.ManualJob(), gocron.NewTask(func() {}), options...)
			require.NoError(t, err)
		}
		require.NoError(t, s.Shutdown())
		require.Equal(t, elected, log.Len() == 0, log.String())
	}
}
