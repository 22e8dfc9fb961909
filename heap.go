package gocron

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

func (h *heap[T]) push(item T, at int64, seq uint64) {
	if len(h.entries) == cap(h.entries) {
		h.reserve(len(h.entries) + 8)
	}
	h.entries = h.entries[:len(h.entries)+1]
	h.up(len(h.entries)-1, heapEntry[T]{at: at, seq: seq, item: item})
}

// reserve makes room for n more. It doubles, as append does not do with large
// slices: copying them takes longer than anything else that is done here.
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
	end := first + heapArity
	if end > len(h.entries) {
		end = len(h.entries)
	}
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
