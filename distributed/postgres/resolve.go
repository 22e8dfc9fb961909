package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// A path is what the search path of the connection says of the tables.
type path struct {
	first   string   // the schema in which they would be made, empty for none
	schemas []string // all that there are
	found   []string // those of them that have the tables
	byRole  bool     // whether first is that of the role, by "$user"
}

// resolve finds out once which schema the tables are in, so that the search path of a
// later connection does not matter, and names it from then on. What it might be else on
// another node is refused: nodes with tables of their own run the same occurrences.
func (s *store) resolve(ctx context.Context) error {
	if strings.Contains(s.table, ".") {
		return nil
	}
	p, err := s.path(ctx)
	if err != nil {
		return err
	}
	schema, err := p.schema(s.table)
	if err != nil {
		return err
	}
	if s.names, err = newNamesIn(schema, s.table); err != nil {
		return err
	}
	s.logger.Info("gocron/postgres: the schema of the tables, as WithTable names none", "schema", schema, "table", s.table)
	if schema == p.first && p.byRole && len(p.schemas) > 1 {
		s.logger.Warn("gocron/postgres: the tables are in the schema of the role, and a node of another role has its own: name the schema in WithTable",
			"schema", schema)
	}
	return nil
}

func (s *store) path(ctx context.Context) (p path, err error) {
	const sql = `
SELECT coalesce(current_schema(), ''), current_schemas(false)::text[],
	ARRAY(SELECT name::text FROM unnest(current_schemas(false)) WITH ORDINALITY AS path (name, n)
		WHERE to_regclass(format('%I.%I', name, $1::text)) IS NOT NULL ORDER BY n),
	coalesce(current_schema() = current_user, false) AND position('$user' IN current_setting('search_path')) > 0`
	err = s.scan(ctx, s.db, sql, []any{s.table + "_version"}, &p.first, &p.schemas, &p.found, &p.byRole)
	return p, err
}

// schema is where the tables are, or are to be made.
func (p path) schema(table string) (string, error) {
	switch {
	case len(p.found) == 1:
		return p.found[0], nil
	case len(p.found) > 1:
		return "", fmt.Errorf("WithTable: %q is in the schemas %s of the search path: name one of them, as in %q",
			table, strings.Join(p.found, ", "), p.found[0]+"."+table)
	case p.first == "":
		return "", fmt.Errorf(`WithTable: %q names no schema, and the search path has none: name one, as in "schema.%s"`, table, table)
	case p.byRole && len(p.schemas) > 1:
		return "", fmt.Errorf("WithTable: %q would be in the schema of this role, and elsewhere for another role: name a schema, as in %q or %q",
			table, p.first+"."+table, p.schemas[1]+"."+table)
	}
	return p.first, nil
}

// newNamesIn are the names of the tables in a schema, which may have any characters.
func newNamesIn(schema, prefix string) (*names, error) {
	n, err := newNames(prefix)
	if err != nil {
		return nil, err
	}
	in := pgx.Identifier{schema}.Sanitize() + "."
	return &names{in + n.claims, in + n.leases, in + n.tokens, in + n.version}, nil
}

// The rights that are needed.
const (
	claimRights = "SELECT, INSERT"
	leaseRights = "SELECT, INSERT, UPDATE, DELETE"
)

// checkRights finds a server that takes no writes, and a role without the rights for
// what is to be done, before that is due.
func (s *store) checkRights(ctx context.Context, table, rights string) error {
	const sql = `
SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on', has_sequence_privilege($3, 'USAGE'),
	ARRAY(SELECT want FROM unnest(string_to_array($2, ', ')) AS want WHERE NOT has_table_privilege($1, want))`
	var standby, readOnly, sequence bool
	var missing []string
	if err := s.scan(ctx, s.db, sql, []any{table, rights, s.names.tokens}, &standby, &readOnly, &sequence, &missing); err != nil {
		return err
	}
	switch {
	case standby:
		return errors.New("the server is a standby, which takes no claims: connect to the primary")
	case readOnly:
		return errors.New("transactions are read-only by default: claims have to be written")
	case len(missing) > 0:
		return fmt.Errorf("the role may not %s on %s", strings.Join(missing, ", "), table)
	case !sequence:
		return fmt.Errorf("the role has no USAGE of %s", s.names.tokens)
	}
	return nil
}
