package postgres

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSchemaFilesAreOfTheVersion(t *testing.T) {
	files, err := migrations.ReadDir("schema")
	require.NoError(t, err)
	require.Len(t, files, 1+schemaVersion)
	n, err := newNames("gocron")
	require.NoError(t, err)
	for version := 1; version <= schemaVersion; version++ {
		sql := n.migration(version)
		require.Contains(t, sql, fmt.Sprintf(`INSERT INTO "gocron_version" (version) VALUES (%d);`, version))
		require.NotContains(t, sql, "{")
	}
}

func TestNames(t *testing.T) {
	n, err := newNames(`a"b.C d{claims}`)
	require.NoError(t, err)
	require.Equal(t, &names{
		claims: `"a""b"."C d{claims}_claims"`, leases: `"a""b"."C d{claims}_leases"`,
		tokens: `"a""b"."C d{claims}_tokens"`, version: `"a""b"."C d{claims}_version"`,
	}, n)
	require.Equal(t, `SELECT 1 FROM "a""b"."C d{claims}_claims"`, n.fill(`SELECT 1 FROM {claims}`))
	long := strings.Repeat("x", maxPrefix)
	_, err = newNames(long)
	require.NoError(t, err)
	for _, bad := range []string{"", ".", "a.", ".b", "a.b.c", long + "x", "a\x00", "a\xff", strings.Repeat("x", 64) + ".a"} {
		_, err := newNames(bad)
		require.ErrorContains(t, err, "WithTable: ", "%q", bad)
		_, err = NewLocker(t.Context(), &pgxpool.Pool{}, WithTable(bad))
		require.ErrorContains(t, err, "WithTable: ", "%q", bad)
	}
}

// TestSchemaIsMadeByMany has twenty nodes start at once where there is no table.
func TestSchemaIsMadeByMany(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			l, err := NewLocker(context.Background(), db, WithTable(prefix))
			if assert.NoError(t, err) {
				assert.NoError(t, l.Close(context.Background()))
			}
		})
	}
	all.Wait()
	require.Equal(t, schemaVersion, count(t, db, prefix, "{version}"))
}

func TestSchemaOfOddNames(t *testing.T) {
	db := server(t)
	for _, schema := range []string{``, `Odd "schema"`} {
		for _, name := range []string{`Über 'x' "y"; --`, `{claims}`, `select`, `back\slash$1`, strings.Repeat("é", maxPrefix/2)} {
			prefix := name
			if schema != "" {
				quoted := `"` + strings.ReplaceAll(schema, `"`, `""`) + `"`
				_, err := db.Exec(t.Context(), `CREATE SCHEMA IF NOT EXISTS `+quoted)
				require.NoError(t, err)
				t.Cleanup(func() {
					_, err := db.Exec(context.Background(), `DROP SCHEMA IF EXISTS `+quoted+` CASCADE`)
					require.NoError(t, err)
				})
				prefix = schema + "." + name
			}
			dropAfter(t, db, prefix)
			l := newLocker(t, db, WithTable(prefix), WithRunLock())
			lock, err := l.Claim(t.Context(), "report", databaseNow(t, db))
			require.NoError(t, err)
			require.NoError(t, lock.Unlock(t.Context()))
			require.NoError(t, l.store.clean(t.Context()))
			require.Equal(t, 1, count(t, db, prefix, "{claims}"))
		}
	}
}

// TestSchemaThatIsThere has the tables made by Schema and used by a role that may not
// create any, and has no more rights than README.md names.
func TestSchemaThatIsThere(t *testing.T) {
	db := server(t)
	schema := newPrefix(t, db)
	prefix, role := schema+".gocron", schema+"_role"
	sql, err := Schema(prefix)
	require.NoError(t, err)
	c := db.Config().Copy()
	c.ConnConfig.User, c.ConnConfig.Password = role, "pw"
	limited, err := pgxpool.NewWithConfig(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(limited.Close)
	run := func(sql string) {
		t.Helper()
		_, err := db.Exec(context.Background(), sql, pgx.QueryExecModeSimpleProtocol)
		require.NoError(t, err)
	}
	run(`CREATE ROLE ` + role + ` LOGIN PASSWORD 'pw'; CREATE SCHEMA ` + schema + `; GRANT USAGE ON SCHEMA ` + schema + ` TO ` + role)
	t.Cleanup(func() { run(`DROP SCHEMA ` + schema + ` CASCADE; DROP ROLE ` + role) })

	_, err = NewLocker(t.Context(), limited, WithTable(prefix))
	require.ErrorContains(t, err, "permission denied for schema "+schema)

	run(sql)
	n, err := newNames(prefix)
	require.NoError(t, err)
	run(n.fill(`GRANT SELECT, INSERT, UPDATE, DELETE ON {claims}, {leases} TO ` + role +
		`; GRANT SELECT ON {version} TO ` + role + `; GRANT USAGE ON {tokens} TO ` + role))
	l := newLocker(t, limited, WithTable(prefix), WithRunLock())
	lock, err := l.Claim(t.Context(), "report", databaseNow(t, db))
	require.NoError(t, err)
	require.NoError(t, l.store.renew(t.Context(), lock.grip))
	require.NoError(t, lock.Unlock(t.Context()))
	require.NoError(t, l.store.clean(t.Context()))
	eventually(t, "it leads", leads(newElector(t, limited, "jobs", WithTable(prefix))))
}

func TestSchemaOfAnotherVersion(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	newLocker(t, db, WithTable(prefix))
	n, err := newNames(prefix)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), n.fill(`INSERT INTO {version} VALUES (99)`))
	require.NoError(t, err)
	want := fmt.Sprintf(`gocron/postgres: NewLocker: the tables %q are of version 99, and this program knows none after %d`, prefix, schemaVersion)
	_, err = NewLocker(t.Context(), db, WithTable(prefix))
	require.EqualError(t, err, want)
	_, err = NewElector(t.Context(), db, "jobs", WithTable(prefix))
	require.ErrorContains(t, err, "version 99")
}
