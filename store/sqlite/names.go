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
	mark   int64 // the newest of its rows
	newest int64 // no occurrence and no row of this process was due later, nor is the mark
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

// selectNames needs no look at run_rows: what is there has no occurrence after the mark.
const (
	selectNames = "SELECT id, name," +
		" coalesce((SELECT max(mark) FROM job_rows WHERE job_rows.job = id), -9223372036854775808)," +
		" coalesce((SELECT max(scheduled) FROM live_rows WHERE live_rows.job = id), -9223372036854775808)" +
		" FROM job_names"
	selectName = selectNames + " WHERE name = ?"
)

func scanNamed(from scanner) (name string, job *named, err error) {
	job = &named{}
	err = from.Scan(&job.id, &name, &job.mark, &job.newest)
	job.newest = max(job.newest, job.mark)
	return name, job, err
}

// find looks a job up in the file. Its error is sql.ErrNoRows if it is not there.
func (n *names) find(b *batch, name string) (*named, error) {
	_, job, err := scanNamed(b.conn.QueryRowContext(context.Background(), selectName, name))
	if err != nil && !errors.Is(err, sql.ErrNoRows) && !spoilsRow(err) {
		b.err = err
	}
	return job, err
}

// fill remembers all jobs that are in the file, so that they need not be looked up one by one when
// many of them run at once.
func (n *names) fill(ctx context.Context, conn *sql.Conn) error {
	rows, err := conn.QueryContext(ctx, selectNames+" LIMIT ?", mostNames)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		name, job, err := scanNamed(rows)
		if err != nil {
			return err
		}
		n.known[name] = job
	}
	return rows.Err()
}

// clear forgets them all: some may have been undone.
func (n *names) clear() { clear(n.known) }
