package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
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

// It is safe to judge by now(): if the statement had to wait, now() is earlier than the
// clock, so that a lease counts as held for longer, and its new end comes sooner, though
// never sooner than the holder believes, who counts from before it sent the statement.
//
// The token is drawn in RETURNING: by then the row is this holder's and nobody else can
// get a token for it, so that tokens are in the order of the terms. A token drawn with
// the values could be older than that of a term that began and ended in between.
const takeSQL = `
INSERT INTO {leases} AS lease (namespace, kind, name, holder, taken_at, expires_at)
VALUES ($1, $2, $3, $4, now(), now() + $5::float8 * interval '1 second')
ON CONFLICT (namespace, kind, name) DO UPDATE
	SET holder = EXCLUDED.holder, taken_at = EXCLUDED.taken_at, expires_at = EXCLUDED.expires_at
	WHERE lease.expires_at <= now() OR lease.holder = EXCLUDED.holder
RETURNING nextval($6::regclass)`

// take takes the lease, if it is free, and returns the token of the new term.
func (s *store) take(ctx context.Context, g grip) (int64, error) {
	// A later answer would be of a lease that is over.
	ctx, cancel := context.WithTimeoutCause(ctx, s.ttl, noAnswer(s.ttl))
	defer cancel()
	var token int64
	args := []any{s.namespace, g.kind, g.name, g.holder, s.ttl.Seconds(), s.names.tokens}
	err := s.ask(ctx, takeSQL, args, &token)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, ErrTaken
	}
	return token, err
}

const renewSQL = `
UPDATE {leases} SET expires_at = now() + $5::float8 * interval '1 second'
WHERE namespace = $1 AND kind = $2 AND name = $3 AND holder = $4 AND expires_at > now()`

// renew prolongs the lease, or returns errGone.
func (s *store) renew(ctx context.Context, g grip) error {
	rows, err := s.exec(ctx, s.db, renewSQL, s.namespace, g.kind, g.name, g.holder, s.ttl.Seconds())
	if err == nil && rows == 0 {
		return errGone
	}
	return err
}

const releaseSQL = `
DELETE FROM {leases} WHERE namespace = $1 AND kind = $2 AND name = $3 AND holder = $4`

// release gives the lease back. What is no longer this holder's is left alone.
func (s *store) release(ctx context.Context, g grip) error {
	_, err := s.exec(ctx, s.db, releaseSQL, s.namespace, g.kind, g.name, g.holder)
	return err
}
