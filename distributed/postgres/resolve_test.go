package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withPath returns a pool of a role whose search path it is.
func withPath(t *testing.T, db *pgxpool.Pool, role, path string) *pgxpool.Pool {
	t.Helper()
	c := db.Config().Copy()
	if role != "" {
		c.ConnConfig.User, c.ConnConfig.Password = role, "pw"
	}
	c.ConnConfig.RuntimeParams["search_path"] = path
	p, err := pgxpool.NewWithConfig(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

func execute(t *testing.T, db *pgxpool.Pool, sql string) {
	t.Helper()
	_, err := db.Exec(context.Background(), sql, pgx.QueryExecModeSimpleProtocol)
	require.NoError(t, err)
}

// TestSchemaIsFoundOnce has a search path of which several schemas may be meant.
func TestSchemaIsFoundOnce(t *testing.T) {
	db := server(t)
	one, other := newPrefix(t, db)+"_a", newPrefix(t, db)+"_b"
	execute(t, db, fmt.Sprintf(`CREATE SCHEMA %s; CREATE SCHEMA %s`, one, other))
	t.Cleanup(func() { execute(t, db, fmt.Sprintf(`DROP SCHEMA %s CASCADE; DROP SCHEMA %s CASCADE`, one, other)) })

	var log safeBuffer
	logger := WithLogger(slog.New(slog.NewTextHandler(&log, nil)))
	at := databaseNow(t, db)
	first := newLocker(t, withPath(t, db, "", other+", public"), WithTable("t"), logger)
	require.Contains(t, log.String(), "schema="+other)
	_, err := first.Claim(t.Context(), "report", at)
	require.NoError(t, err)

	// Tables that are there count, wherever in the path.
	second := newLocker(t, withPath(t, db, "", one+", "+other), WithTable("t"))
	_, err = second.Claim(t.Context(), "report", at)
	require.ErrorIs(t, err, ErrTaken)

	newLocker(t, db, WithTable(one+".t"))
	_, err = NewLocker(t.Context(), withPath(t, db, "", one+", "+other), WithTable("t"))
	require.ErrorContains(t, err, fmt.Sprintf(`WithTable: "t" is in the schemas %s, %s of the search path: name one of them, as in "%s.t"`, one, other, one))
	_, err = NewLocker(t.Context(), withPath(t, db, "", `""`), WithTable("t"))
	require.ErrorContains(t, err, "the search path has none")
}

// TestSchemaOfARole has two roles, of which one has a schema: with tables of its own it
// would run what the other runs.
func TestSchemaOfARole(t *testing.T) {
	db := server(t)
	role, table := newPrefix(t, db)+"_role", newPrefix(t, db)
	execute(t, db, fmt.Sprintf(`CREATE ROLE %s LOGIN SUPERUSER PASSWORD 'pw'; CREATE SCHEMA %s`, role, role))
	t.Cleanup(func() { execute(t, db, fmt.Sprintf(`DROP SCHEMA %s CASCADE; DROP ROLE %s`, role, role)) })
	own := withPath(t, db, role, `"$user", public`)
	_, err := NewLocker(t.Context(), own, WithTable(table))
	require.ErrorContains(t, err, fmt.Sprintf(`WithTable: %q would be in the schema of this role, and elsewhere for another role: name a schema, as in "%s.%s" or "public.%s"`,
		table, role, table, table))

	newLocker(t, withPath(t, db, "", `"$user", public`), WithTable(table))
	l := newLocker(t, own, WithTable(table)) // now it is clear
	require.True(t, strings.HasPrefix(l.store.names.claims, `"public".`), l.store.names.claims)

	var log safeBuffer
	newLocker(t, own, WithTable(role+".u"))
	newLocker(t, own, WithTable("u"), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	require.Contains(t, log.String(), "level=WARN msg=\"gocron/postgres: the tables are in the schema of the role")
}

// TestRightsAreCheckedFirst has a role that could not claim.
func TestRightsAreCheckedFirst(t *testing.T) {
	db := server(t)
	role, table := newPrefix(t, db)+"_role", newPrefix(t, db)
	newLocker(t, db, WithTable(table))
	n, err := newNames(table)
	require.NoError(t, err)
	execute(t, db, fmt.Sprintf(`CREATE ROLE %s LOGIN PASSWORD 'pw'`, role))
	t.Cleanup(func() { execute(t, db, fmt.Sprintf(`DROP OWNED BY %s; DROP ROLE %s`, role, role)) })
	execute(t, db, n.fill(`GRANT SELECT ON {version}, {claims} TO `+role))
	limited := withPath(t, db, role, "public")
	_, err = NewLocker(t.Context(), limited, WithTable(table))
	require.ErrorContains(t, err, "the role may not INSERT on ")
	execute(t, db, n.fill(`GRANT INSERT ON {claims} TO `+role))
	_, err = NewLocker(t.Context(), limited, WithTable(table))
	require.ErrorContains(t, err, "the role has no USAGE of ")
	execute(t, db, n.fill(`GRANT USAGE ON {tokens} TO `+role))
	newLocker(t, limited, WithTable(table))
	_, err = NewLocker(t.Context(), limited, WithTable(table), WithRunLock())
	require.ErrorContains(t, err, "the role may not SELECT, INSERT, UPDATE, DELETE on ")
	_, err = NewElector(t.Context(), limited, "jobs", WithTable(table))
	require.ErrorContains(t, err, "the role may not SELECT, INSERT, UPDATE, DELETE on ")

	c := db.Config().Copy()
	c.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	readOnly, err := pgxpool.NewWithConfig(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(readOnly.Close)
	_, err = NewLocker(t.Context(), readOnly, WithTable(table))
	require.ErrorContains(t, err, "transactions are read-only by default")
}

// TestSchemaIsMadeByManyWhoAreFarAway has fifty nodes start at once, each with 50 ms to
// the database, where there is no table.
func TestSchemaIsMadeByManyWhoAreFarAway(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	far, relay := throughRelay(t)
	relay.slow.Store(int64(50 * time.Millisecond))
	c := far.Config().Copy()
	c.MaxConns = 50
	many, err := pgxpool.NewWithConfig(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(many.Close)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			l, err := NewLocker(context.Background(), many, WithTable(prefix), WithRequestTimeout(patience))
			if assert.NoError(t, err) {
				assert.NoError(t, l.Close(context.Background()))
			}
		})
	}
	all.Wait()
}
