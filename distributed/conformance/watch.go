package conformance

import (
	"context"
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// watch makes the locker tell what it grants. A Claimer stays one.
func (n *node) watch(locker gocron.Locker) gocron.Locker {
	if claimer, ok := locker.(gocron.Claimer); ok {
		return watchedClaimer{claimer, n}
	}
	return locker
}

type watchedClaimer struct {
	gocron.Claimer
	node *node
}

func (w watchedClaimer) Claim(ctx context.Context, key string, scheduled time.Time) (gocron.Lock, error) {
	lock, err := w.Claimer.Claim(ctx, key, scheduled)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(key, herdJob) {
		w.node.emit(event{Kind: runClaimed, Job: key, Scheduled: scheduled})
	}
	if w.node.spec.HangAfterClaim {
		select {}
	}
	return lock, nil
}

// leads asks the elector as the scheduler does.
func leads(elector gocron.Elector) (token int64, yes bool) {
	ctx := context.Background()
	if e, ok := elector.(gocron.TermElector); ok {
		_, token, err := e.Term(ctx)
		return token, err == nil
	}
	return 0, elector.IsLeader(ctx) == nil
}

// sample asks the elector over and over, and reports what is sure: if it has said yes,
// and then yes again in the same term, it led from when the first answer was there until
// the last one was asked for.
func (n *node) sample(elector gocron.Elector) {
	defer n.samplers.Done()
	const pause, report = 2 * time.Millisecond, 100 * time.Millisecond
	var term event // Kind is empty if the last answer was no
	var told time.Time
	for {
		asked := time.Now()
		token, yes := leads(elector)
		if term.Kind != "" && (!yes || token != term.Token) {
			n.emit(term)
			term = event{}
		}
		switch {
		case yes && term.Kind == "":
			now := time.Now()
			term = event{Kind: termSeen, Token: token, At: now, Until: now}
			n.emit(term)
			told = now
		case yes:
			term.Until = asked
			if asked.Sub(told) >= report {
				n.emit(term)
				told = asked
			}
		}
		select {
		case <-n.stop:
			return
		case <-time.After(pause):
		}
	}
}
