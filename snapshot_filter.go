package gocron

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// A snapshotFilter is what the filter of a Snapshot asks for.
type snapshotFilter struct {
	text, name string // in lower case
	ids        []uuid.UUID
	tags       []string
	pools      []string
	kinds      []string
	states     []string
	outcomes   []Outcome
	failing    bool
	sort       string // a key of snapshotSorts
	next       int    // times a job
	history    int    // runs a job
	since      time.Time
	until      time.Time
	runs       int // of each stage
	parts      map[string]bool
}

const (
	defaultSnapshotRows = 100
	maxSnapshotRows     = 1000
)

// The words that a filter may have.
var (
	snapshotSorts = []string{"name", "-name", "next", "-next", "last", "-last"}
	snapshotParts = []string{"scheduler", "jobs", "runs"}
)

// parseFilter reads a filter, which is a URL query.
func parseFilter(filter string) (*snapshotFilter, error) {
	f := &snapshotFilter{sort: "name", next: 1, runs: defaultSnapshotRows, parts: make(map[string]bool)}
	query, err := url.ParseQuery(filter)
	if err != nil {
		return nil, fmt.Errorf("%w: Snapshot: the filter %q is no URL query: %w", ErrOptionValue, filter, err)
	}
	for key, values := range query {
		for _, value := range values {
			if err := f.set(key, value); err != nil {
				return nil, err
			}
		}
	}
	if len(f.parts) == 0 {
		for _, part := range snapshotParts {
			f.parts[part] = true
		}
	}
	return f, nil
}

// set sets one key of the filter.
func (f *snapshotFilter) set(key, value string) (err error) {
	switch key {
	case "q":
		f.text = strings.ToLower(value)
	case "name":
		f.name = strings.ToLower(value)
	case "id":
		var id uuid.UUID
		if id, err = uuid.Parse(value); err != nil {
			return filterError(key, value, "the id of a job")
		}
		f.ids = append(f.ids, id)
	case "tag":
		f.tags = append(f.tags, value)
	case "pool":
		f.pools = append(f.pools, value)
	case "kind":
		err = addWord(&f.kinds, key, value, wordsOf(kindWords))
	case "state":
		err = addWord(&f.states, key, value, append(wordsOf(stateWords), "overdue"))
	case "outcome":
		var o Outcome
		if err := o.UnmarshalText([]byte(value)); err != nil {
			return filterError(key, value, strings.Join(outcomeNames[1:], ", "))
		}
		f.outcomes = append(f.outcomes, o)
	case "failing":
		if value != "1" {
			return filterError(key, value, "1")
		}
		f.failing = true
	case "sort":
		f.sort = value
		if !slices.Contains(snapshotSorts, value) {
			return filterError(key, value, strings.Join(snapshotSorts, ", "))
		}
	case "next":
		f.next, err = filterCount(key, value)
	case "history":
		f.history, err = filterCount(key, value)
	case "runs":
		f.runs, err = filterCount(key, value)
	case "since":
		f.since, err = filterTime(key, value)
	case "until":
		f.until, err = filterTime(key, value)
	case "parts":
		for _, part := range strings.Split(value, ",") {
			if !slices.Contains(snapshotParts, part) {
				return filterError(key, value, strings.Join(snapshotParts, ", "))
			}
			f.parts[part] = true
		}
	default:
		return fmt.Errorf("%w: Snapshot: the filter has an unknown key %q, allowed: q, name, id, tag, pool, kind, state, "+
			"outcome, failing, sort, next, history, since, until, runs, parts", ErrOptionValue, key)
	}
	return err
}

func filterError(key, value, allowed string) error {
	return fmt.Errorf("%w: Snapshot: the filter has %s=%q, allowed: %s", ErrOptionValue, key, value, allowed)
}

func filterCount(key, value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > maxSnapshotRows {
		return 0, filterError(key, value, fmt.Sprintf("0 to %d", maxSnapshotRows))
	}
	return n, nil
}

func filterTime(key, value string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return time.Time{}, filterError(key, value, "a time as RFC 3339 has it")
	}
	return t, nil
}

func addWord(to *[]string, key, value string, allowed []string) error {
	if !slices.Contains(allowed, value) {
		return filterError(key, value, strings.Join(allowed, ", "))
	}
	*to = append(*to, value)
	return nil
}

// wordsOf are the words of a map, in order.
func wordsOf[K comparable](words map[K]string) (list []string) {
	for _, word := range words {
		list = append(list, word)
	}
	slices.Sort(list)
	return list
}

// sortsByTime reports whether the order depends on what jobs are doing.
func (f *snapshotFilter) sortsByTime() bool { return !strings.HasSuffix(f.sort, "name") }

// asksDefinition reports whether a job may fail to match by what never changes of it.
func (f *snapshotFilter) asksDefinition() bool {
	return f.text != "" || f.name != "" || len(f.ids)+len(f.tags)+len(f.pools)+len(f.kinds) > 0
}

// asksMarks reports whether a job may fail to match by what it is doing.
func (f *snapshotFilter) asksMarks() bool { return len(f.states)+len(f.outcomes) > 0 || f.failing }

// matches reports whether j does by what never changes of it. Its name is given.
func (f *snapshotFilter) matches(j *internalJob, name string) bool {
	x := j.settings()
	lower := ""
	if f.text != "" || f.name != "" {
		lower = strings.ToLower(name)
	}
	for _, tag := range f.tags {
		if !slices.Contains(x.tags, tag) {
			return false
		}
	}
	return strings.Contains(lower, f.name) && f.matchesText(j, lower) &&
		isOneOf(f.ids, j.id) && isOneOf(f.pools, j.limiter().pool) && (len(f.kinds) == 0 || isOneOf(f.kinds, j.kind()))
}

func (f *snapshotFilter) matchesText(j *internalJob, name string) bool {
	if f.text == "" || strings.Contains(name, f.text) {
		return true
	}
	x := j.settings()
	for _, tag := range x.tags {
		if strings.Contains(strings.ToLower(tag), f.text) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(x.key), f.text) || strings.Contains(j.id.String(), f.text)
}

// isOneOf reports whether value is in list, which allows all if it is empty.
func isOneOf[T comparable](list []T, value T) bool {
	return len(list) == 0 || slices.Contains(list, value)
}

// jobMarks are what a filter can ask of what a job is doing.
type jobMarks struct {
	state                                       State
	running, waiting, retrying, paused, overdue bool
	failing                                     bool
	lastOutcome                                 Outcome
}

func (l *jobLook) marks() jobMarks {
	e := &l.explained
	return jobMarks{
		state: e.State, running: e.Running > 0, waiting: e.Waiting > 0, retrying: e.Retrying > 0,
		paused: e.Paused, overdue: l.overdue, failing: l.failing, lastOutcome: l.lastOutcome,
	}
}

// matchesMarks reports whether a job does by what it is doing.
func (f *snapshotFilter) matchesMarks(m jobMarks) bool {
	if len(f.states) > 0 && !slices.ContainsFunc(f.states, m.is) {
		return false
	}
	if len(f.outcomes) > 0 && (m.lastOutcome == OutcomePending || !slices.Contains(f.outcomes, m.lastOutcome)) {
		return false
	}
	return !f.failing || m.failing
}

// is reports whether the state, a word, is one that the job is in.
func (m jobMarks) is(state string) bool {
	switch state {
	case "running":
		return m.running
	case "waiting":
		return m.waiting
	case "retrying":
		return m.retrying
	case "paused":
		return m.paused
	case "overdue":
		return m.overdue
	}
	return m.state.word() == state
}
