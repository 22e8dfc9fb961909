package gocron

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	// keptIndexFrom is how many jobs there have to be for their index to be kept.
	keptIndexFrom = 1000
	// indexKept is for how long an index is kept.
	indexKept = time.Second
)

// A jobIndex is the jobs of a scheduler at one moment, with what filters and orders ask of them. It
// is made with nothing locked, by one Snapshot at a time. What has been made never changes.
type jobIndex struct {
	list   []*internalJob
	names  []string
	looked []indexLook // nil until somebody asks what the jobs are doing
}

// An indexLook is what a job is doing.
type indexLook struct {
	marks      jobMarks
	next, last int64 // Unix time in nanoseconds, noTime for none
}

const noTime = math.MaxInt64

func nanosOf(t time.Time) int64 {
	if t.IsZero() {
		return noTime
	}
	return t.UnixNano()
}

// indexes is where the index of many jobs is kept, for a second, for all who ask.
type indexes struct {
	turn chan struct{} // capacity 1: who has put something in may use kept
	kept *jobIndex
}

// jobIndex is the index of the jobs: as they are now or, of many, as they were up to a second ago.
// It knows what they are doing if looked is set.
func (s *scheduler) jobIndex(ctx context.Context, looked bool) (jobIndex, error) {
	kept := &s.indexes
	select {
	case kept.turn <- struct{}{}:
	case <-ctx.Done():
		return jobIndex{}, ctx.Err()
	}
	defer func() { <-kept.turn }()
	index := kept.kept
	if index == nil {
		index = newJobIndex(s.jobList())
		if len(index.list) > keptIndexFrom {
			kept.keep(index)
		}
	}
	if looked && index.looked == nil {
		if err := index.look(ctx, s); err != nil {
			return jobIndex{}, err
		}
	}
	return *index, nil
}

// keep keeps index for a while.
func (k *indexes) keep(index *jobIndex) {
	k.kept = index
	afterReal(indexKept, func() {
		k.turn <- struct{}{}
		k.kept = nil
		<-k.turn
	})
}

func newJobIndex(list []*internalJob) *jobIndex {
	index := &jobIndex{list: list, names: make([]string, len(list))}
	for i, j := range list {
		index.names[i] = j.Name()
	}
	return index
}

// look notes what all jobs are doing. Of one that has left it is nothing.
func (x *jobIndex) look(ctx context.Context, s *scheduler) error {
	looked := make([]indexLook, 0, len(x.list))
	err := inBatches(ctx, x.list, lookBatch, func(batch []*internalJob) {
		ended := s.endedContexts(batch)
		s.lock()
		defer s.unlock()
		now := s.readClockLocked()
		for _, j := range batch {
			j = j.current()
			looked = append(looked, s.indexLookLocked(j, ended[j], now))
		}
	})
	if err == nil {
		x.looked = looked
	}
	return err
}

// indexLookLocked is lookLocked for those who want little of it.
func (s *scheduler) indexLookLocked(j *internalJob, ended bool, now time.Time) indexLook {
	if !j.listed {
		return indexLook{next: noTime, last: noTime}
	}
	var next time.Time
	if !ended {
		next = j.nextSeen(now)
	}
	waiting, running := j.gate.count()
	x, due := j.rareState(), s.dueSinceLocked(j, now)
	l := indexLook{next: nanosOf(next), last: noTime, marks: jobMarks{
		state:   j.stateNow(waiting, running, next, s.session != nil, ended),
		running: running > 0, waiting: waiting > 0, retrying: !x.retrying.empty(), paused: x.paused,
		overdue: isOverdue(due, now), failing: x.lastPerformed().hasFailed(), lastOutcome: x.lastOutcome(),
	}}
	if j.last != nil {
		l.last = nanosOf(j.last.startedAt)
	}
	return l
}

// matches reports whether the i-th job does.
func (x *jobIndex) matches(i int, f *snapshotFilter) bool {
	return (!f.asksDefinition() || f.matches(x.list[i], x.names[i])) && (!f.asksMarks() || f.matchesMarks(x.looked[i].marks))
}

// page is a page of the jobs that match: those that follow after from, at most limit of them in
// order, how many match in all, and the cursor of the next page.
func (x *jobIndex) page(f *snapshotFilter, from *orderKey, limit int) (page []*internalJob, matched int, next string) {
	var first []keyedJob // at least the first limit+1 so far
	var bound *orderKey  // what is after it is none of them
	for i := range x.list {
		if !x.matches(i, f) {
			continue
		}
		matched++
		key := x.key(f.sort, i)
		if from != nil && key.compare(from) <= 0 || bound != nil && key.compare(bound) > 0 {
			continue
		}
		if first = append(first, keyedJob{key, x.list[i]}); len(first) >= 4*(limit+1) {
			first = firstJobs(first, limit+1)
			last := first[limit].key
			bound = &last
		}
	}
	first = firstJobs(first, limit+1)
	if len(first) > limit {
		first = first[:limit]
		next = first[limit-1].key.cursor()
	}
	for _, keyed := range first {
		page = append(page, keyed.job)
	}
	return page, matched, next
}

type keyedJob struct {
	key orderKey
	job *internalJob
}

// firstJobs are the first n of the jobs, in order.
func firstJobs(jobs []keyedJob, n int) []keyedJob {
	slices.SortFunc(jobs, func(a, b keyedJob) int { return a.key.compare(&b.key) })
	return jobs[:min(n, len(jobs))]
}

// An orderKey is the place of a job in an order: its name or time there, then its id. As JSON in
// base64 it is a cursor.
type orderKey struct {
	By   string    `json:"s"`
	Name string    `json:"n,omitempty"`
	Time int64     `json:"t,omitempty"`
	ID   uuid.UUID `json:"i"`
}

// key is the place of the i-th job in the named order.
func (x *jobIndex) key(by string, i int) orderKey {
	key := orderKey{By: by, ID: x.list[i].id}
	switch by {
	case "next", "-next":
		key.Time = x.looked[i].next
	case "last", "-last":
		key.Time = x.looked[i].last
	default:
		key.Name = x.names[i]
	}
	return key
}

// compare compares two places in one order. Jobs without a time come last.
func (k *orderKey) compare(other *orderKey) int {
	c := cmp.Compare(k.Time, other.Time)
	if k.Time != noTime && other.Time != noTime || c == 0 {
		c = cmp.Or(c, strings.Compare(k.Name, other.Name))
		if k.By[0] == '-' {
			c = -c
		}
	}
	return cmp.Or(c, bytes.Compare(k.ID[:], other.ID[:]))
}

func (k orderKey) cursor() string {
	text, _ := json.Marshal(k) // it has nothing that could be refused
	return base64.RawURLEncoding.EncodeToString(text)
}

// parseCursor reads a cursor of the named order, nil for "".
func parseCursor(cursor, by string) (*orderKey, error) {
	if cursor == "" {
		return nil, nil
	}
	key := &orderKey{}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, key)
	}
	if err != nil || key.By != by {
		return nil, optionValueError("Snapshot cursor", cursor, "what Snapshot returned for the same filter")
	}
	return key, nil
}
