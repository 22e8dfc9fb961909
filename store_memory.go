package gocron

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

// MemoryStore is a Store in memory, for tests of programs that use WithStore: what it has ends with
// the process. Its methods may be called from any goroutine. The zero value is an empty store.
type MemoryStore struct {
	mu    sync.Mutex
	user  string // who has it, "" for nobody
	epoch int64
	cut   bool
	jobs  map[memoryJob]StoredJob
	runs  map[memoryRun]StoredRun
	due   map[string]map[int64]string // the run that has each occurrence, by job and time
}

type memoryJob struct{ job, fingerprint string }

type memoryRun struct {
	run     string
	attempt int
}

// NewMemoryStore makes an empty store.
func NewMemoryStore() *MemoryStore {
	m := &MemoryStore{}
	m.init()
	return m
}

// init makes the maps of a zero value.
func (m *MemoryStore) init() {
	if m.jobs == nil {
		m.jobs, m.runs, m.due = make(map[memoryJob]StoredJob), make(map[memoryRun]StoredRun), make(map[string]map[int64]string)
	}
}

// Crash returns a store with what this one has, as the next process finds it after the present one
// has been killed. This one is cut off: all of its methods return an error from now on.
func (m *MemoryStore) Crash() *MemoryStore {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := NewMemoryStore()
	next.epoch = m.epoch
	maps.Copy(next.jobs, m.jobs)
	for key, row := range m.runs {
		next.put(key, row)
	}
	m.cut = true
	return next
}

// use locks m, unless it is cut off.
func (m *MemoryStore) use(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	if m.cut {
		m.mu.Unlock()
		return errors.New("gocron: MemoryStore: it was cut off by Crash")
	}
	m.init()
	return nil
}

// Open does what Store says.
func (m *MemoryStore) Open(ctx context.Context, node string) (int64, error) {
	if err := m.use(ctx); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	if m.user != "" {
		return 0, errors.New("gocron: MemoryStore: it is in use by " + m.user)
	}
	m.user = node
	m.epoch++
	return m.epoch, nil
}

// Load does what Store says.
func (m *MemoryStore) Load(ctx context.Context, job func(StoredJob) error, run func(StoredRun) error) error {
	if err := m.use(ctx); err != nil {
		return err
	}
	marks := make(map[string]time.Time)
	var jobs []StoredJob
	for _, row := range m.jobs {
		row.State = slices.Clone(row.State) // as callers may write to it
		jobs = append(jobs, row)
		if row.Mark.After(marks[row.Job]) {
			marks[row.Job] = row.Mark
		}
	}
	var runs []StoredRun
	for _, row := range m.runs {
		open := !row.BegunAt.IsZero() && row.EndedAt.IsZero()
		if open || !row.RetryAt.IsZero() || row.Occurrence && lastDueOf(row).After(marks[row.Job]) {
			row.Extra = slices.Clone(row.Extra)
			runs = append(runs, row)
		}
	}
	m.mu.Unlock()
	for _, row := range jobs {
		if err := job(row); err != nil {
			return err
		}
	}
	for _, row := range runs {
		if err := run(row); err != nil {
			return err
		}
	}
	return nil
}

// lastDueOf is when the last occurrence of the row was due.
func lastDueOf(row StoredRun) time.Time {
	if row.Count > 1 {
		return row.Until
	}
	return row.ScheduledAt
}

// Begin does what Store says.
func (m *MemoryStore) Begin(ctx context.Context, run StoredRun) (bool, error) {
	if err := m.use(ctx); err != nil {
		return false, err
	}
	defer m.mu.Unlock()
	if run.Occurrence {
		if other, taken := m.due[run.Job][run.ScheduledAt.UnixNano()]; taken && other != run.Run {
			return false, nil
		}
	}
	m.put(memoryRun{run.Run, run.Attempt}, run)
	return true, nil
}

// Write does what Store says.
func (m *MemoryStore) Write(ctx context.Context, runs []StoredRun, jobs []StoredJob) (refused []string, err error) {
	if err := m.use(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	for _, row := range runs {
		m.put(memoryRun{row.Run, row.Attempt}, row)
	}
	for _, row := range jobs {
		key := memoryJob{row.Job, row.Fingerprint}
		if m.jobs[key].Version != row.Version-1 {
			refused = append(refused, row.Job)
			continue
		}
		row.State = slices.Clone(row.State)
		m.jobs[key] = row
	}
	return refused, nil
}

// put writes a row in the place of the one with its key.
func (m *MemoryStore) put(key memoryRun, row StoredRun) {
	of := row.Job
	if old, is := m.runs[key]; is && old.Occurrence && m.due[of][old.ScheduledAt.UnixNano()] == old.Run {
		delete(m.due[of], old.ScheduledAt.UnixNano())
	}
	row.Extra = slices.Clone(row.Extra)
	m.runs[key] = row
	if row.Occurrence {
		if m.due[of] == nil {
			m.due[of] = make(map[int64]string)
		}
		m.due[of][row.ScheduledAt.UnixNano()] = row.Run
	}
}

// Release does what Store says.
func (m *MemoryStore) Release(ctx context.Context) error {
	if err := m.use(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.user = ""
	return nil
}

// History returns the rows of a job that were due between from and to, both included, the newest
// first, at most limit. A zero time is no bound, and a limit of 0 or less is no limit.
func (m *MemoryStore) History(ctx context.Context, job string, from, to time.Time, limit int) ([]StoredRun, error) {
	if err := m.use(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var rows []StoredRun
	for _, row := range m.runs {
		if row.Job == job && !lastDueOf(row).Before(from) && (to.IsZero() || !row.ScheduledAt.After(to)) {
			row.Extra = slices.Clone(row.Extra)
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b StoredRun) int {
		return cmp.Or(b.ScheduledAt.Compare(a.ScheduledAt), cmp.Compare(b.Run, a.Run), cmp.Compare(b.Attempt, a.Attempt))
	})
	if limit > 0 && len(rows) > limit {
		rows = rows[:limit]
	}
	return rows, nil
}

// Rename gives all rows of the job from the name to. It returns an error if there are rows of both.
func (m *MemoryStore) Rename(ctx context.Context, from, to string) error {
	if err := m.use(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	for key := range m.jobs {
		if key.job == to {
			return errors.New("gocron: MemoryStore: there is a job " + to)
		}
	}
	for key, row := range m.jobs {
		if key.job == from {
			delete(m.jobs, key)
			row.Job = to
			m.jobs[memoryJob{to, key.fingerprint}] = row
		}
	}
	for key, row := range m.runs {
		if row.Job == from {
			row.Job = to
			m.runs[key] = row
		}
	}
	m.due[to] = m.due[from]
	delete(m.due, from)
	return nil
}

// Forget deletes all rows of the job.
func (m *MemoryStore) Forget(ctx context.Context, job string) error {
	if err := m.use(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	maps.DeleteFunc(m.jobs, func(key memoryJob, _ StoredJob) bool { return key.job == job })
	maps.DeleteFunc(m.runs, func(_ memoryRun, row StoredRun) bool { return row.Job == job })
	delete(m.due, job)
	return nil
}
