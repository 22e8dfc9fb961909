package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// mostNames bounds how many names are remembered. More of them are looked up.
const mostNames = 100_000

// names are the ids of jobs in the file, by their names. The writer's batches have them in turn.
type names struct{ ids map[string]int64 }

// id returns that of a job, and gives it one if it has none.
func (n *names) id(b *batch, job string) (int64, error) {
	if id, known := n.ids[job]; known {
		return id, nil
	}
	if b.err != nil {
		return 0, b.err
	}
	id, err := n.find(b, job)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := b.exec("INSERT INTO job_names (name) VALUES (?)", job); err != nil {
			return 0, err
		}
		id, err = n.find(b, job)
	}
	if err != nil {
		return 0, err
	}
	if len(n.ids) >= mostNames {
		n.clear()
	}
	n.ids[job] = id
	return id, nil
}

// find returns the id of a job. Its error is sql.ErrNoRows if it has none.
func (n *names) find(b *batch, job string) (id int64, err error) {
	err = b.conn.QueryRowContext(context.Background(), "SELECT id FROM job_names WHERE name = ?", job).Scan(&id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) && !spoilsRow(err) {
		b.err = err
	}
	return id, err
}

// clear forgets them all: some may have been undone.
func (n *names) clear() { clear(n.ids) }
