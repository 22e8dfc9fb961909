package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// An occurrence of a job is what is claimed. An instant is kept as seconds since the Unix
// epoch and nanoseconds, as a timestamptz has microseconds only.
type occurrence struct {
	job     string
	seconds int64
	nanos   int32
}

func occurrenceOf(job string, scheduled time.Time) occurrence {
	return occurrence{job, scheduled.Unix(), int32(scheduled.Nanosecond())}
}

func (o occurrence) scheduled() time.Time { return time.Unix(o.seconds, int64(o.nanos)).UTC() }

// A claimed is what came of a claim: its token, or the holder that has it, if that is
// known.
type claimed struct {
	token  int64
	holder string
}

// One statement claims many occurrences. The columns of a claim are computed by the
// database from what it is asked with, in the same way for the row and for the check, so
// that a claim can be granted while its row would be kept and at no other time.
//
// The check is made twice: before the row is inserted, by now(), and after, by the time
// that it is then. Without the second a statement that was held up could find that the
// row of an earlier claim had expired and been removed, and insert it again. As
// clock_timestamp is called when the row has been inserted, a claim that is granted was
// inserted before a row of the same occurrence could have been removed.
//
// All statements insert in one order: two that have to wait for each other would
// otherwise do so for ever. The answers are arrays, in the order of the asks.
const claimSQL = `
WITH asked AS MATERIALIZED (
	SELECT job, seconds, nanos, scheduled, n,
		scheduled - $6::float8 * interval '1 second' AS opens,
		scheduled + $6::float8 * interval '1 second' AS closes
	FROM unnest($2::text[], $3::bigint[], $4::integer[], $5::timestamptz[])
		WITH ORDINALITY AS ask (job, seconds, nanos, scheduled, n)
), made AS (
	INSERT INTO {claims} (namespace, job, seconds, nanos, scheduled, holder, token, claimed_at, expires_at)
	SELECT $1, job, seconds, nanos, scheduled, $7, nextval($8::regclass), now(), closes
	FROM (SELECT * FROM asked WHERE now() >= opens AND now() < closes ORDER BY job, seconds, nanos) AS timely
	ON CONFLICT DO NOTHING
	RETURNING job, seconds, nanos, token
), told AS (
	SELECT n, coalesce(made.token, CASE WHEN found.holder = $7 THEN found.token END, 0) AS token,
		coalesce(found.holder, '') AS holder, now() < opens AS early, clock_timestamp() >= closes AS late
	FROM asked LEFT JOIN made USING (job, seconds, nanos) LEFT JOIN LATERAL (
		SELECT holder, token FROM {claims} AS claim
		WHERE made.token IS NULL AND claim.namespace = $1 AND claim.job = asked.job
			AND claim.seconds = asked.seconds AND claim.nanos = asked.nanos LIMIT 1
	) AS found ON true
)
SELECT array_agg(token ORDER BY n), array_agg(holder ORDER BY n), array_agg(early ORDER BY n), array_agg(late ORDER BY n)
FROM told`

// claimBatch returns what sends one batch of claims. All of it has one holder, which no
// other batch has: when it is sent again it finds what it got before.
//
// The statement does not see what was committed while it ran. So after a repetition it
// is performed once more: the try before may have been committed in the meantime.
func (s *store) claimBatch(ctx context.Context) sender[occurrence, claimed] {
	holder, on, repeated := newHolder(), s.turn(ctx), false
	return func(ctx context.Context, asks []occurrence) []answer[claimed] {
		defer on.done()
		answers, err := s.claimAll(ctx, on, holder, asks)
		if err == nil && repeated {
			answers, err = s.claimAll(ctx, on, holder, asks)
		}
		repeated = true
		return orFailed(len(asks), answers, err)
	}
}

func (s *store) claimAll(ctx context.Context, on querier, holder string, asks []occurrence) ([]answer[claimed], error) {
	jobs, seconds, nanos, scheduled := make([]string, len(asks)), make([]int64, len(asks)), make([]int32, len(asks)), make([]time.Time, len(asks))
	for i, o := range asks {
		jobs[i], seconds[i], nanos[i], scheduled[i] = o.job, o.seconds, o.nanos, o.scheduled()
	}
	var tokens []int64
	var holders []string
	var early, late []bool
	args := []any{s.namespace, jobs, seconds, nanos, scheduled, s.keep.Seconds(), holder, s.names.tokens}
	err := s.scan(ctx, on, claimSQL, args, &tokens, &holders, &early, &late)
	if len(asks) > 1 && blamesOne(err) {
		return s.claimHalves(ctx, on, holder, asks)
	}
	if err != nil {
		return nil, err
	}
	answers := make([]answer[claimed], len(asks))
	for i := range asks {
		a := &answers[i]
		a.value = claimed{tokens[i], holders[i]}
		switch {
		case early[i]:
			a.err = ErrTooEarly
		case late[i]:
			a.err = ErrTooLate
		case tokens[i] == 0:
			a.err = ErrTaken
		}
	}
	return answers, nil
}

// claimHalves asks for one half after the other, so that what the database cannot keep
// fails by itself.
func (s *store) claimHalves(ctx context.Context, on querier, holder string, asks []occurrence) ([]answer[claimed], error) {
	var answers []answer[claimed]
	for _, half := range [][]occurrence{asks[:len(asks)/2], asks[len(asks)/2:]} {
		some, err := s.claimAll(ctx, on, holder, half)
		switch {
		case err != nil && blamesOne(err):
			some = allFailed[claimed](len(half), err)
		case err != nil:
			return nil, err
		}
		answers = append(answers, some...)
	}
	return answers, nil
}

// blamesOne reports whether the database refuses something in what it was given: class 22
// is of data that it cannot keep, such as a character that its encoding lacks, and 54 of
// limits.
func blamesOne(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && (server.Code[:2] == "22" || server.Code[:2] == "54")
}

// claim claims an occurrence, scheduled in UTC, and returns the claim's token.
func (l *Locker) claim(ctx context.Context, key string, scheduled time.Time) (int64, error) {
	got, err := l.claims.ask(ctx, occurrenceOf(key, scheduled), waitAtMost(l.store.config, scheduled))
	if errors.Is(err, errNoTurn) {
		err = errQueued
	}
	if errors.Is(err, ErrTaken) {
		l.noteHolder(key, got.holder)
	}
	return got.token, err
}

// waitAtMost is how long a claim waits for its turn: for as long as it can be made. One
// that is asked later is for the database to refuse.
func waitAtMost(c *config, scheduled time.Time) time.Duration {
	return max(time.Until(scheduled)+c.keep, 2*c.timeout)
}
