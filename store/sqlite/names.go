package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// mostNames bounds how many names are remembered. More of them are looked up.
const mostNames = 100_000

// names are what is remembered of jobs, by their names. The writer's batches have them in turn, and
// nobody else writes to the file.
type names struct{ known map[string]*named }

// A named is a job that has a name in the file.
type named struct {
	id     int64
	newest int64 // no occurrence that has a row was due later
}

// job returns what is known of a job, which gets an id if it has none.
func (n *names) job(b *batch, name string) (*named, error) {
	if job, known := n.known[name]; known {
		return job, nil
	}
	if b.err != nil {
		return nil, b.err
	}
	job, err := n.find(b, name)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := b.exec("INSERT INTO job_names (name) VALUES (?)", name); err != nil {
			return nil, err
		}
		job, err = n.find(b, name)
	}
	if err != nil {
		return nil, err
	}
	if len(n.known) >= mostNames {
		n.clear()
	}
	n.known[name] = job
	return job, nil
}

const selectName = "SELECT id, coalesce((SELECT max(scheduled) FROM run_rows WHERE job = id), -9223372036854775808)" +
	" FROM job_names WHERE name = ?"

// find looks a job up in the file. Its error is sql.ErrNoRows if it is not there.
func (n *names) find(b *batch, name string) (*named, error) {
	job := &named{}
	err := b.conn.QueryRowContext(context.Background(), selectName, name).Scan(&job.id, &job.newest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) && !spoilsRow(err) {
		b.err = err
	}
	return job, err
}

// clear forgets them all: some may have been undone.
func (n *names) clear() { clear(n.known) }
