package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"regexp"
	"strings"
)

// migrations holds one file for each version of the tables: N.sql makes version N of version N-1.
//
//go:embed schema/*.sql
var migrations embed.FS

const (
	// schemaVersion is the version of the tables that this package works with. A file has it in
	// its user_version.
	schemaVersion = 2
	// applicationID tells our files from other SQLite databases: "gocr".
	applicationID = 0x676f6372
)

// isoColumn is replaced in the migrations by SQL for a time as text. A time may lie before 1970.
var isoColumn = regexp.MustCompile(`\{iso (\w+)\}`)

const isoText = `CASE WHEN $1 > -9223372036854775808 THEN
    strftime('%Y-%m-%dT%H:%M:%S', ($1 - (($1 % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch')
    || printf('.%09dZ', (($1 % 1000000000) + 1000000000) % 1000000000) END`

func migration(version int) (string, error) {
	text, err := migrations.ReadFile(fmt.Sprintf("schema/%d.sql", version))
	return isoColumn.ReplaceAllString(string(text), strings.ReplaceAll(isoText, "$1", "${1}")), err
}

// A fileState is what a file is found to be, before anything is written to it.
type fileState struct {
	version int  // of the tables, 0 for none
	clean   bool // it was closed
}

// examine refuses what is not a file of this package, or one of a later version.
func examine(ctx context.Context, conn *sql.Conn) (f fileState, err error) {
	var id, tables int
	err = conn.QueryRowContext(ctx, "SELECT (SELECT application_id FROM pragma_application_id),"+
		" (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)").Scan(&id, &f.version, &tables)
	switch {
	case codeOf(err) == codeNotADB:
		return f, fmt.Errorf("%w (%w)", ErrForeign, err)
	case err != nil:
		return f, err
	case tables == 0 && id == 0 && f.version == 0:
		return fileState{clean: true}, nil
	case id != applicationID:
		return f, ErrForeign
	case f.version > schemaVersion:
		return f, fmt.Errorf("%w (its tables have version %d, this program knows %d)", ErrNewer, f.version, schemaVersion)
	}
	return f, conn.QueryRowContext(ctx, "SELECT clean FROM store").Scan(&f.clean)
}

// migrate brings the tables up to date in one transaction, or leaves them as they are.
func migrate(ctx context.Context, conn *sql.Conn, from int) error {
	if from == schemaVersion {
		return nil
	}
	steps := []string{"BEGIN IMMEDIATE"}
	for version := from + 1; version <= schemaVersion; version++ {
		text, err := migration(version)
		if err != nil {
			return err
		}
		steps = append(steps, text)
	}
	steps = append(steps, fmt.Sprintf("PRAGMA application_id = %d", applicationID),
		fmt.Sprintf("PRAGMA user_version = %d", schemaVersion), "COMMIT")
	for _, step := range steps {
		if _, err := conn.ExecContext(ctx, step); err != nil {
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			return err
		}
	}
	return nil
}

// check looks for damage, but only until ctx ends.
func check(ctx context.Context, conn *sql.Conn) error {
	var found string
	err := conn.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found)
	if ctx.Err() != nil {
		return nil
	}
	if err == nil && found != "ok" {
		err = fmt.Errorf("%w (%s)", ErrCorrupt, strings.Join(strings.Fields(found), " "))
	}
	return err
}
