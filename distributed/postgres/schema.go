package postgres

import (
	"context"
	"embed"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// migrations holds one file for each version of the tables: N.sql makes version N of
// version N-1, and notes that it has. 0.sql makes the table of versions, if need be.
//
//go:embed schema/*.sql
var migrations embed.FS

// schemaVersion is the version of the tables that this package works with.
const schemaVersion = 1

// maxPrefix bounds the prefix of the tables' names, in bytes: PostgreSQL cuts off names
// at 63, and "_version" is the longest that is added.
const maxPrefix = 63 - len("_version")

// Schema returns the SQL that makes the tables, for those who make them with their own
// tool. NewLocker and NewElector find them and make none. The table is what WithTable is
// given, "" stands for its default.
func Schema(table string) (string, error) {
	if table == "" {
		table = defaultTable
	}
	n, err := newNames(table)
	if err != nil {
		return "", &Error{Op: "schema", Err: err}
	}
	var b strings.Builder
	for version := 0; version <= schemaVersion; version++ {
		b.WriteString(n.migration(version))
	}
	return b.String(), nil
}

// names are the names of the tables, quoted.
type names struct {
	claims, leases, tokens, version string
}

func newNames(table string) (*names, error) {
	if err := checkText("WithTable: name", table); err != nil {
		return nil, err
	}
	path := strings.Split(table, ".")
	for _, part := range path {
		if part == "" || len(path) > 2 {
			return nil, fmt.Errorf(`WithTable: %q is not of the form "prefix" or "schema.prefix"`, table)
		}
	}
	last := len(path) - 1
	if len(path[last]) > maxPrefix || len(path[0]) > 63 {
		return nil, fmt.Errorf("WithTable: %q is too long: a prefix may have %d bytes, a schema 63", table, maxPrefix)
	}
	quoted := func(suffix string) string {
		name := append(pgx.Identifier{}, path...)
		name[last] += suffix
		return name.Sanitize()
	}
	return &names{quoted("_claims"), quoted("_leases"), quoted("_tokens"), quoted("_version")}, nil
}

// fill puts the tables' names in the place of {claims}, {leases}, {tokens} and {version}.
func (n *names) fill(sql string) string {
	return strings.NewReplacer(
		"{claims}", n.claims, "{leases}", n.leases, "{tokens}", n.tokens, "{version}", n.version,
	).Replace(sql)
}

func (n *names) migration(version int) string {
	sql, err := migrations.ReadFile(fmt.Sprintf("schema/%d.sql", version))
	if err != nil {
		return "" // not reached: a test reads them all
	}
	return n.fill(string(sql))
}

// prepare finds or makes the tables, or those of their versions that are missing. Where
// they are there already it only reads, so that a role without the right to create will do.
//
// One node makes them, and the others look until it has. They do not queue up for it: each
// would need several answers of the database while all the others wait. They wait for as
// long as ctx lives.
func (s *store) prepare(ctx context.Context) error {
	if err := s.resolve(ctx); err != nil {
		return err
	}
	for try := 0; ; try++ {
		version, err := s.version(ctx)
		if err != nil || version == schemaVersion {
			return err
		}
		if made, err := s.make(ctx); made || err != nil {
			return err
		}
		if !pause(ctx, try) {
			return ctx.Err()
		}
	}
}

// make makes the tables, and reports false if another node is about to.
func (s *store) make(ctx context.Context) (made bool, err error) {
	begin, cancel := s.bounded(ctx)
	defer cancel()
	tx, err := s.db.Begin(begin)
	if err != nil {
		return false, answered(begin, err)
	}
	if made, err = s.migrate(ctx, tx); err != nil || !made {
		end, cancel := s.bounded(context.WithoutCancel(ctx))
		defer cancel()
		_ = tx.Rollback(end) // if it fails the connection is closed, which rolls back too
		return false, err
	}
	commit, cancel := s.bounded(ctx)
	defer cancel()
	return true, answered(commit, tx.Commit(commit))
}

// migrate brings the tables to the version of this package, if no other node does.
//
// It looks at the version again: another node may have been here since. A look into the
// catalog may not show what that one has made in the middle of a transaction, and CREATE
// TABLE IF NOT EXISTS does.
func (s *store) migrate(ctx context.Context, tx pgx.Tx) (alone bool, err error) {
	const lock = `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))`
	err = s.scan(ctx, tx, lock, []any{"gocron " + s.names.version}, &alone)
	if err != nil || !alone {
		return false, err
	}
	if err := s.apply(ctx, tx, 0); err != nil {
		return false, err
	}
	version, err := s.lastVersion(ctx, tx)
	for err == nil && version < schemaVersion {
		version++
		err = s.apply(ctx, tx, version)
	}
	return err == nil, err
}

func (s *store) apply(ctx context.Context, tx pgx.Tx, version int) error {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	_, err := tx.Exec(ctx, s.names.migration(version), pgx.QueryExecModeSimpleProtocol)
	return answered(ctx, err)
}

// version returns the version of the tables, 0 if there are none.
func (s *store) version(ctx context.Context) (int, error) {
	var exists bool
	err := s.scan(ctx, s.db, `SELECT to_regclass($1) IS NOT NULL`, []any{s.names.version}, &exists)
	if err != nil || !exists {
		return 0, err
	}
	return s.lastVersion(ctx, s.db)
}

// lastVersion returns the last version that was noted, 0 if there is none. A version
// that this package does not know is an error.
func (s *store) lastVersion(ctx context.Context, from querier) (int, error) {
	var version int
	if err := s.scan(ctx, from, `SELECT coalesce(max(version), 0) FROM {version}`, nil, &version); err != nil {
		return 0, err
	}
	if version > schemaVersion {
		return 0, fmt.Errorf("the tables %q are of version %d, and this program knows none after %d", s.table, version, schemaVersion)
	}
	return version, nil
}
