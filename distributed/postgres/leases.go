package postgres

import (
	"context"
	"time"
)

// The kinds of leases.
const (
	runLease    = "run"
	leaderLease = "leader"
)

// A grip is one holder's hold, or wish, on a lease. A holder that has it already gets it
// again, with a new token: what it knows of an earlier answer may be less than the
// database.
type grip struct {
	kind, name, holder string
}

// A taken is a lease that was taken by a request sent at asked.
type taken struct {
	grip  grip
	token int64
	asked time.Time
}

// One statement takes many leases of a kind for one holder.
//
// It is safe to judge by now(): if the statement had to wait, now() is earlier than the
// clock, so that a lease counts as held for longer, and its new end comes sooner, though
// never sooner than the holder believes, who counts from before it sent the statement.
//
// The token is drawn in RETURNING: by then the row is this holder's and nobody else can
// get a token for it, so that tokens are in the order of the terms. A token drawn with
// the values could be older than that of a term that began and ended in between.
//
// What is seen to be another's is left alone, as ON CONFLICT would lock its row. Rows are
// locked in the order of their names here and below, or two statements could wait for
// each other.
const takeSQL = `
WITH free AS MATERIALIZED (
	SELECT name FROM unnest($3::text[]) AS ask (name) WHERE NOT EXISTS (
		SELECT FROM {leases} AS lease WHERE lease.namespace = $1 AND lease.kind = $2 AND lease.name = ask.name
			AND lease.expires_at > now() AND lease.holder <> $4)
), got AS (
	INSERT INTO {leases} AS lease (namespace, kind, name, holder, taken_at, expires_at)
	SELECT $1, $2, name, $4, now(), now() + $5::float8 * interval '1 second' FROM free ORDER BY name
	ON CONFLICT (namespace, kind, name) DO UPDATE
		SET holder = EXCLUDED.holder, taken_at = EXCLUDED.taken_at, expires_at = EXCLUDED.expires_at
		WHERE lease.expires_at <= now() OR lease.holder = EXCLUDED.holder
	RETURNING lease.name, nextval($6::regclass) AS token
)
SELECT coalesce(array_agg(name), '{}'), coalesce(array_agg(token), '{}') FROM got`

// takeAll takes those leases that are free.
func (s *store) takeAll(ctx context.Context, on querier, kind, holder string, names []string) ([]answer[taken], error) {
	var got []string
	var tokens []int64
	asked := time.Now()
	args := []any{s.namespace, kind, names, holder, s.ttl.Seconds(), s.names.tokens}
	if err := s.scan(ctx, on, takeSQL, args, &got, &tokens); err != nil {
		return nil, err
	}
	token := make(map[string]int64, len(got))
	for i, name := range got {
		token[name] = tokens[i]
	}
	answers := make([]answer[taken], len(names))
	for i, name := range names {
		answers[i].value = taken{grip{kind, name, holder}, token[name], asked}
		if token[name] == 0 {
			answers[i].err = ErrTaken
		}
	}
	return answers, nil
}

// The rows that a batch renews or gives back, locked in the order of their names.
const oursSQL = `
WITH ours AS MATERIALIZED (
	SELECT lease.kind, lease.name, lease.holder
	FROM unnest($2::text[], $3::text[], $4::text[]) AS ask (kind, name, holder) JOIN {leases} AS lease
		ON lease.namespace = $1 AND lease.kind = ask.kind AND lease.name = ask.name AND lease.holder = ask.holder
	ORDER BY lease.name FOR UPDATE OF lease
)`

const renewSQL = oursSQL + `, renewed AS (
	UPDATE {leases} AS lease SET expires_at = now() + $5::float8 * interval '1 second' FROM ours
	WHERE lease.namespace = $1 AND lease.kind = ours.kind AND lease.name = ours.name AND lease.holder = ours.holder
		AND lease.expires_at > now()
	RETURNING lease.kind, lease.name, lease.holder
)
SELECT coalesce(array_agg(kind), '{}'), coalesce(array_agg(name), '{}'), coalesce(array_agg(holder), '{}') FROM renewed`

// renewAll prolongs leases. The answer is errGone for those that are no longer held.
func (s *store) renewAll(ctx context.Context, on querier, grips []grip) ([]answer[struct{}], error) {
	var kinds, names, holders []string
	args := append(s.argsOf(grips), s.ttl.Seconds())
	if err := s.scan(ctx, on, renewSQL, args, &kinds, &names, &holders); err != nil {
		return nil, err
	}
	held := make(map[grip]bool, len(names))
	for i := range names {
		held[grip{kinds[i], names[i], holders[i]}] = true
	}
	answers := make([]answer[struct{}], len(grips))
	for i, g := range grips {
		if !held[g] {
			answers[i].err = errGone
		}
	}
	return answers, nil
}

const releaseSQL = oursSQL + `, released AS (
	DELETE FROM {leases} AS lease USING ours
	WHERE lease.namespace = $1 AND lease.kind = ours.kind AND lease.name = ours.name AND lease.holder = ours.holder
	RETURNING true
)
SELECT count(*) FROM released`

// releaseAll gives leases back. What is no longer this holder's is left alone.
func (s *store) releaseAll(ctx context.Context, on querier, grips []grip) ([]answer[struct{}], error) {
	var n int64
	err := s.scan(ctx, on, releaseSQL, s.argsOf(grips), &n)
	return make([]answer[struct{}], len(grips)), err
}

func (s *store) argsOf(grips []grip) []any {
	kinds, names, holders := make([]string, len(grips)), make([]string, len(grips)), make([]string, len(grips))
	for i, g := range grips {
		kinds[i], names[i], holders[i] = g.kind, g.name, g.holder
	}
	return []any{s.namespace, kinds, names, holders}
}

// take takes one lease, if it is free.
func (s *store) take(ctx context.Context, g grip) (taken, error) {
	// A later answer would be of a lease that is over.
	ctx, cancel := context.WithTimeoutCause(ctx, lifeOf(s.ttl), noAnswer(lifeOf(s.ttl)))
	defer cancel()
	return again(ctx, s, func(ctx context.Context) ([]answer[taken], error) {
		return s.takeAll(ctx, s.db, g.kind, g.holder, []string{g.name})
	})
}

// renew prolongs one lease, or returns errGone.
func (s *store) renew(ctx context.Context, g grip) error {
	_, err := again(ctx, s, func(ctx context.Context) ([]answer[struct{}], error) {
		return s.renewAll(ctx, s.db, []grip{g})
	})
	return err
}

// release gives one lease back.
func (s *store) release(ctx context.Context, g grip) error {
	_, err := again(ctx, s, func(ctx context.Context) ([]answer[struct{}], error) {
		return s.releaseAll(ctx, s.db, []grip{g})
	})
	return err
}

// takeBatch returns what sends one batch of wishes for run locks. They have a holder in
// common, and no two of one name, so that runs in one process exclude each other too.
func (s *store) takeBatch(ctx context.Context) sender[string, taken] {
	holder, on := newHolder(), s.turn(ctx)
	return func(ctx context.Context, names []string) []answer[taken] {
		defer on.done()
		answers, err := s.takeAll(ctx, on, runLease, holder, names)
		return orFailed(len(names), answers, err)
	}
}

func (s *store) renewBatch(ctx context.Context) sender[grip, struct{}] {
	on := s.turn(ctx)
	return func(ctx context.Context, grips []grip) []answer[struct{}] {
		defer on.done()
		answers, err := s.renewAll(ctx, on, grips)
		return orFailed(len(grips), answers, err)
	}
}

func (s *store) releaseBatch(ctx context.Context) sender[grip, struct{}] {
	on := s.turn(ctx)
	return func(ctx context.Context, grips []grip) []answer[struct{}] {
		defer on.done()
		answers, err := s.releaseAll(ctx, on, grips)
		return orFailed(len(grips), answers, err)
	}
}
