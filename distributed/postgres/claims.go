package postgres

import (
	"context"
	"time"
)

// The columns of a claim are computed by the database from what it is asked with, in the
// same way for the row and for the check, so that a claim can be granted while its row
// would be kept and at no other time.
//
// The check is made twice: before the row is inserted, by now(), and after, by the time
// that it is then. Without the second a statement that was held up could find that the
// row of an earlier claim had expired and been removed, and insert it again. As
// clock_timestamp is called when the row has been inserted, a claim that is granted was
// inserted before a row of the same occurrence could have been removed.
const claimSQL = `
WITH asked AS (
	SELECT now() AS at,
		$5::timestamptz - $6::float8 * interval '1 second' AS opens,
		$5::timestamptz + $6::float8 * interval '1 second' AS closes
), made AS (
	INSERT INTO {claims} (namespace, job, seconds, nanos, scheduled, holder, token, claimed_at, expires_at)
	SELECT $1, $2, $3, $4, $5, $7, nextval($8::regclass), at, closes
	FROM asked WHERE at >= opens AND at < closes
	ON CONFLICT DO NOTHING
	RETURNING token
)
SELECT coalesce(made.token, mine.token), asked.at < asked.opens, clock_timestamp() >= asked.closes
FROM asked LEFT JOIN made ON true LEFT JOIN {claims} AS mine
	ON mine.namespace = $1 AND mine.job = $2 AND mine.seconds = $3 AND mine.nanos = $4 AND mine.holder = $7`

// claim claims an occurrence, scheduled in UTC, and returns the claim's token. Each claim
// has a holder of its own, so that it finds what it got when it was asked for twice.
func (s *store) claim(ctx context.Context, key string, scheduled time.Time) (int64, error) {
	var token *int64
	var early, late bool
	args := []any{
		s.namespace, key, scheduled.Unix(), int32(scheduled.Nanosecond()), scheduled,
		s.keep.Seconds(), newHolder(), s.names.tokens,
	}
	err := s.ask(ctx, claimSQL, args, &token, &early, &late)
	switch {
	case err != nil:
		return 0, err
	case early:
		return 0, ErrTooEarly
	case late:
		return 0, ErrTooLate
	case token == nil:
		return 0, ErrTaken
	}
	return *token, nil
}
