package gocron

import (
	"math"
	"time"
)

// A timetable knows which job is due when. It is pure: no lock, no clock.
//
// Times come in two kinds that a clock step moves against each other, so each
// has a heap of its own: calendar times are due when the wall clock shows them,
// intervals when the monotonic clock has advanced by them.
type timetable struct {
	wall        heap[*internalJob]
	elapsed     heap[*internalJob]
	wallBase    time.Time // what the keys of each are counted from
	elapsedBase time.Time
}

// put enters j, which must not be entered, as due at the given time. A time
// without a monotonic reading is always due by the wall clock. It reports
// whether j is now the first of its kind.
func (t *timetable) put(j *internalJob, at time.Time, byWall bool) bool {
	j.dueByWall = byWall || !hasMonotonic(at)
	h, key := t.heapAndKey(j, at)
	h.push(j, key, j.seq)
	return j.place == 1
}

// heapAndKey is the heap that j belongs in, and the key of a time there.
func (t *timetable) heapAndKey(j *internalJob, at time.Time) (*heap[*internalJob], int64) {
	if j.dueByWall {
		return &t.wall, t.wallKey(at)
	}
	return &t.elapsed, t.elapsedKey(at)
}

// remove takes j out. A job that is not entered is left alone.
func (t *timetable) remove(j *internalJob) {
	if j.dueByWall {
		t.wall.remove(j)
	} else {
		t.elapsed.remove(j)
	}
}

// reserve makes room for that many jobs due by the monotonic and by the wall
// clock.
func (t *timetable) reserve(elapsed, wall int) {
	t.elapsed.reserve(elapsed)
	t.wall.reserve(wall)
}

// clear takes all jobs out, and leaves it to the caller to set their places to 0.
func (t *timetable) clear() { t.wall.entries, t.elapsed.entries = nil, nil }

// popDue takes out the job that has been due for the longest at now. It returns
// nil when none is due.
func (t *timetable) popDue(now time.Time) *internalJob {
	wallLeft, elapsedLeft := t.left(now)
	switch {
	case wallLeft > 0 && elapsedLeft > 0:
		return nil
	case wallLeft < elapsedLeft,
		wallLeft == elapsedLeft && t.wall.first().seq < t.elapsed.first().seq:
		return t.wall.pop()
	default:
		return t.elapsed.pop()
	}
}

// rekey counts the keys of one of the heaps anew, from what its jobs say.
func (t *timetable) rekey(h *heap[*internalJob]) {
	entries := h.entries
	h.entries = nil
	for _, e := range entries {
		e.item.setHeapPlace(0)
		at, byWall := e.item.lookNext()
		t.put(e.item, at, byWall)
	}
}

// isDue reports whether j is entered and due at now.
func (t *timetable) isDue(j *internalJob, now time.Time) bool {
	if j.place == 0 {
		return false
	}
	h, key := t.heapAndKey(j, now)
	return h.entries[j.place-1].at <= key
}

// left is how long it is at now until the first job of each kind is due; never
// for none.
func (t *timetable) left(now time.Time) (wall, elapsed time.Duration) {
	return t.wall.left(t.wallKey(now)), t.elapsed.left(t.elapsedKey(now))
}

// elapsedKey orders times by the monotonic clock, if they have a reading of it.
func (t *timetable) elapsedKey(at time.Time) int64 { return int64(at.Sub(t.elapsedBase)) }

// wallKey orders times by the wall clock. Those centuries away from the base count
// as the farthest that fit.
func (t *timetable) wallKey(at time.Time) int64 {
	return int64(at.Round(0).Sub(t.wallBase))
}

// farFromBase is when the keys of the wall heap have to be counted anew: they end after 292 years.
const farFromBase = 100 * 365 * 24 * time.Hour

// isFar reports whether now is so far from the base that keys must be counted anew.
func (t *timetable) isFar(now time.Time) bool {
	key := time.Duration(t.wallKey(now))
	return key > farFromBase || key < -farFromBase
}

func saturatingSub(a, b int64) time.Duration {
	d := a - b
	if (d < 0) == (a < b) {
		return time.Duration(d)
	}
	if a < b {
		return math.MinInt64
	}
	return math.MaxInt64
}

// hasMonotonic reports whether t carries a reading of the monotonic clock,
// which is all that Round(0) takes away.
func hasMonotonic(t time.Time) bool { return t != t.Round(0) }

// heapArity is four: half as deep as a binary heap, and the children of one
// item lie side by side in memory.
const heapArity = 4

// heapItem is what a heap holds: a pointer to something that remembers where
// in the heap it is. 0 means not in it.
type heapItem interface {
	comparable
	heapPlace() int
	setHeapPlace(int)
}

// heap is a min-heap ordered by (at, seq), from which any item can be removed.
// An item is in one heap at a time.
type heap[T heapItem] struct {
	entries []heapEntry[T]
}

// heapEntry holds its key beside the item, so that comparing two entries does
// not read the items.
type heapEntry[T heapItem] struct {
	at   int64
	seq  uint64
	item T
}

func (e *heapEntry[T]) before(other *heapEntry[T]) bool {
	return e.at < other.at || e.at == other.at && e.seq < other.seq
}

func (h *heap[T]) len() int { return len(h.entries) }

// first is the entry with the smallest key. The heap must not be empty.
func (h *heap[T]) first() *heapEntry[T] { return &h.entries[0] }

// left is how far the smallest key is above the given one, as a duration; never for an empty heap.
func (h *heap[T]) left(key int64) time.Duration {
	if h.len() == 0 {
		return never
	}
	return saturatingSub(h.first().at, key)
}

func (h *heap[T]) push(item T, at int64, seq uint64) {
	if len(h.entries) == cap(h.entries) {
		// It doubles, as append does not do with large slices: copying them takes longer than
		// anything else that is done here.
		h.reserve(len(h.entries) + 8)
	}
	h.entries = h.entries[:len(h.entries)+1]
	h.up(len(h.entries)-1, heapEntry[T]{at: at, seq: seq, item: item})
}

// reserve makes room for n more.
func (h *heap[T]) reserve(n int) {
	grown := make([]heapEntry[T], len(h.entries), len(h.entries)+n)
	copy(grown, h.entries)
	h.entries = grown
}

func (h *heap[T]) pop() T {
	item := h.entries[0].item
	h.removeAt(0)
	return item
}

// remove takes item out. An item that is not in the heap is left alone.
func (h *heap[T]) remove(item T) {
	if place := item.heapPlace(); place > 0 {
		h.removeAt(place - 1)
	}
}

func (h *heap[T]) removeAt(i int) {
	h.entries[i].item.setHeapPlace(0)
	end := len(h.entries) - 1
	moved := h.entries[end]
	h.entries[end] = heapEntry[T]{} // lets the item be collected
	h.entries = h.entries[:end]
	if i == end {
		return
	}
	if i > 0 && moved.before(&h.entries[(i-1)/heapArity]) {
		h.up(i, moved)
	} else {
		h.down(i, moved)
	}
}

// up puts e at i or at the ancestor of i where it belongs.
func (h *heap[T]) up(i int, e heapEntry[T]) {
	for i > 0 {
		parent := (i - 1) / heapArity
		if !e.before(&h.entries[parent]) {
			break
		}
		h.set(i, h.entries[parent])
		i = parent
	}
	h.set(i, e)
}

// down puts e at i or at the descendant of i where it belongs.
func (h *heap[T]) down(i int, e heapEntry[T]) {
	for {
		child := h.smallestChild(i)
		if child == 0 || !h.entries[child].before(&e) {
			break
		}
		h.set(i, h.entries[child])
		i = child
	}
	h.set(i, e)
}

// smallestChild is the place of i's smallest child, 0 if i has none.
func (h *heap[T]) smallestChild(i int) int {
	first := i*heapArity + 1
	if first >= len(h.entries) {
		return 0
	}
	end := min(first+heapArity, len(h.entries))
	smallest := first
	for c := first + 1; c < end; c++ {
		if h.entries[c].before(&h.entries[smallest]) {
			smallest = c
		}
	}
	return smallest
}

func (h *heap[T]) set(i int, e heapEntry[T]) {
	h.entries[i] = e
	e.item.setHeapPlace(i + 1)
}
