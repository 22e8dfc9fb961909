package gocron

import (
	"math"
	"math/rand"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkHeap checks that every item knows its place, and that none comes before
// its parent.
func checkHeap(t *testing.T, h *heap[*run]) {
	t.Helper()
	for i := range h.entries {
		require.Equal(t, i+1, h.entries[i].item.heapPlace())
		if i > 0 {
			require.False(t, h.entries[i].before(&h.entries[(i-1)/heapArity]), "entry %d comes before its parent", i)
		}
	}
}

func TestHeapAgainstSortedSlice(t *testing.T) {
	for seed := int64(1); seed <= 20; seed++ {
		r := rand.New(rand.NewSource(seed))
		var h heap[*run]
		var model []heapEntry[*run]
		var gone []*run // items that may be pushed again
		for step, seq := 0, uint64(0); step < 400; step++ {
			switch op := r.Intn(10); {
			case op < 5:
				item := &run{}
				if len(gone) > 0 {
					item, gone = gone[0], gone[1:]
				}
				seq++
				e := heapEntry[*run]{at: int64(r.Intn(8)), seq: seq, item: item}
				h.push(item, e.at, e.seq)
				model = append(model, e)
			case op < 8 && len(model) > 0:
				i := r.Intn(len(model))
				item := model[i].item
				h.remove(item)
				require.Zero(t, item.heapPlace())
				h.remove(item) // it is left alone
				model = append(model[:i], model[i+1:]...)
				gone = append(gone, item)
			case len(model) > 0:
				item := h.pop()
				require.Same(t, model[0].item, item)
				require.Zero(t, item.heapPlace())
				model = model[1:]
				gone = append(gone, item)
			}
			sort.Slice(model, func(a, b int) bool { return model[a].before(&model[b]) })
			checkHeap(t, &h)
			require.Equal(t, len(model), h.len())
			if len(model) > 0 {
				require.Equal(t, model[0], *h.first())
			}
		}
		for _, e := range model {
			require.Same(t, e.item, h.pop())
		}
		require.Zero(t, h.len())
	}
}

func TestHeapExtremes(t *testing.T) {
	var h heap[*run]
	items := make([]*run, 4)
	keys := []int64{math.MaxInt64, 0, math.MinInt64, math.MaxInt64}
	for i := range items {
		items[i] = &run{id: uint64(i)}
		h.push(items[i], keys[i], uint64(i))
	}
	for _, want := range []int{2, 1, 0, 3} {
		require.Same(t, items[want], h.pop())
	}
}

func TestHeapReserve(t *testing.T) {
	var h heap[*run]
	h.push(&run{}, 1, 1)
	h.reserve(100)
	require.Equal(t, 1, h.len())
	reserved := &h.entries[0]
	for i := 1; i < 101; i++ {
		h.push(&run{}, int64(i), uint64(i))
	}
	require.Same(t, reserved, &h.entries[0], "there was room")
}

// The backing array must not keep alive what has left the heap.
func TestHeapLetsGo(t *testing.T) {
	var h heap[*run]
	for i := 0; i < 10; i++ {
		h.push(&run{}, int64(i), uint64(i))
	}
	for h.len() > 0 {
		h.pop()
	}
	for _, e := range h.entries[:10] {
		require.Nil(t, e.item)
	}
}
