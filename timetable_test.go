package gocron

import (
	"math"
	"math/rand"
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A machine stands in for the clock of a computer: its wall clock can be set,
// its monotonic clock only goes on.
type machine struct {
	start time.Time // with a monotonic reading
	on    time.Duration
	set   time.Duration // by how much the wall clock was set
}

func newMachine() *machine { return &machine{start: time.Now()} }

// elapsed is a time that is due by the monotonic clock, d after the start.
func (m *machine) elapsed(d time.Duration) time.Time { return m.start.Add(d) }

// wall is a time that is due by the wall clock, d after the start.
func (m *machine) wall(d time.Duration) time.Time { return m.start.Round(0).Add(d) }

// left asks a timetable as it would be at the machine's now. Go has no way of
// making a time whose two readings disagree, so each heap is asked on its own.
func (m *machine) left(t *timetable) (wall, elapsed time.Duration) {
	wall, _ = t.left(m.start.Add(m.on + m.set))
	_, elapsed = t.left(m.start.Add(m.on))
	return wall, elapsed
}

func popAll(tt *timetable, now time.Time) (seqs []uint64) {
	for j := tt.popDue(now); j != nil; j = tt.popDue(now) {
		seqs = append(seqs, j.seq)
	}
	return seqs
}

func TestTimetableKeepsTwoKinds(t *testing.T) {
	m := newMachine()
	cases := map[string]struct {
		at     time.Time
		byWall bool
		wall   bool
	}{
		"an interval":             {m.elapsed(time.Hour), false, false},
		"a calendar time":         {m.wall(time.Hour), true, true},
		"a start with a reading":  {m.elapsed(time.Hour), true, true},
		"an interval without one": {m.wall(time.Hour), false, true},
	}
	for name, tc := range cases {
		tt := timetable{elapsedBase: m.start, wallBase: m.start.Round(0)}
		j := &internalJob{seq: 1}
		require.True(t, tt.put(j, tc.at, tc.byWall), name)
		wall, elapsed := tt.left(m.start)
		if tc.wall {
			require.Equal(t, []time.Duration{time.Hour, never}, []time.Duration{wall, elapsed}, name)
		} else {
			require.Equal(t, []time.Duration{never, time.Hour}, []time.Duration{wall, elapsed}, name)
		}
		require.Nil(t, tt.popDue(m.start.Add(time.Hour-1)), name)
		require.Same(t, j, tt.popDue(m.start.Add(time.Hour)), name)
		require.Nil(t, tt.popDue(m.start.Add(time.Hour)), name)
	}
}

func TestTimetableClockSteps(t *testing.T) {
	m := newMachine()
	tt := timetable{elapsedBase: m.start, wallBase: m.start.Round(0)}
	calendar, interval := &internalJob{seq: 1}, &internalJob{seq: 2}
	tt.put(calendar, m.wall(time.Hour), true)
	tt.put(interval, m.elapsed(time.Hour), false)

	steps := []struct {
		on, set       time.Duration
		wall, elapsed time.Duration
	}{
		{on: 0, set: 0, wall: time.Hour, elapsed: time.Hour},
		{on: 10 * time.Minute, set: 0, wall: 50 * time.Minute, elapsed: 50 * time.Minute},
		{on: 10 * time.Minute, set: time.Hour, wall: -10 * time.Minute, elapsed: 50 * time.Minute},
		{on: 10 * time.Minute, set: -time.Hour, wall: 110 * time.Minute, elapsed: 50 * time.Minute},
		{on: time.Hour, set: -time.Hour, wall: time.Hour, elapsed: 0},
	}
	for _, step := range steps {
		m.on, m.set = step.on, step.set
		wall, elapsed := m.left(&tt)
		require.Equal(t, step.wall, wall, "%+v", step)
		require.Equal(t, step.elapsed, elapsed, "%+v", step)
	}
}

// A wall clock that was set shows times that have no monotonic reading in
// common with those booked; only what it shows counts.
func TestTimetableWallClockSet(t *testing.T) {
	m := newMachine()
	tt := timetable{elapsedBase: m.start, wallBase: m.start.Round(0)}
	j := &internalJob{seq: 1}
	tt.put(j, m.wall(24*time.Hour), true)
	require.Nil(t, tt.popDue(m.wall(24*time.Hour-1)))
	require.Same(t, j, tt.popDue(m.wall(24*time.Hour)))
}

func TestTimetableTies(t *testing.T) {
	m := newMachine()
	tt := timetable{elapsedBase: m.start, wallBase: m.start.Round(0)}
	for i, seq := range []uint64{5, 2, 4, 1, 3} {
		if i%2 == 0 {
			tt.put(&internalJob{seq: seq}, m.wall(time.Minute), true)
		} else {
			tt.put(&internalJob{seq: seq}, m.elapsed(time.Minute), false)
		}
	}
	require.Equal(t, []uint64{1, 2, 3, 4, 5}, popAll(&tt, m.start.Add(time.Minute)), "at one instant, in order of creation")
}

func TestTimetableOldestFirst(t *testing.T) {
	m := newMachine()
	tt := timetable{elapsedBase: m.start, wallBase: m.start.Round(0)}
	tt.put(&internalJob{seq: 1}, m.wall(3*time.Minute), true)
	tt.put(&internalJob{seq: 2}, m.elapsed(2*time.Minute), false)
	tt.put(&internalJob{seq: 3}, m.wall(1*time.Minute), true)
	tt.put(&internalJob{seq: 4}, m.elapsed(4*time.Minute), false)
	require.Equal(t, []uint64{3, 2, 1}, popAll(&tt, m.start.Add(3*time.Minute)))
	require.Equal(t, []uint64{4}, popAll(&tt, m.start.Add(time.Hour)))
}

func TestTimetableFirst(t *testing.T) {
	m := newMachine()
	tt := timetable{elapsedBase: m.start, wallBase: m.start.Round(0)}
	require.True(t, tt.put(&internalJob{seq: 1}, m.wall(2*time.Minute), true))
	require.False(t, tt.put(&internalJob{seq: 2}, m.wall(3*time.Minute), true))
	require.True(t, tt.put(&internalJob{seq: 3}, m.wall(time.Minute), true))
	require.True(t, tt.put(&internalJob{seq: 4}, m.elapsed(time.Hour), false), "the first of its kind")
}

func TestTimetableFarTimes(t *testing.T) {
	now := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	year := func(y int) time.Time { return time.Date(y, time.January, 1, 0, 0, 0, 0, time.UTC) }
	tt := timetable{elapsedBase: now, wallBase: now.Round(0)}
	for i, y := range []int{9999, 2300, 2027, 1926, 1500, 1} {
		tt.put(&internalJob{seq: uint64(i)}, year(y), true)
	}
	require.Equal(t, []uint64{4, 5, 3}, popAll(&tt, now), "long past, the farthest first")
	wall, _ := tt.left(now)
	require.Equal(t, year(2027).Sub(now), wall)
	require.Equal(t, []uint64{2}, popAll(&tt, year(2028)))
	wall, _ = tt.left(year(2028))
	require.Greater(t, wall, 200*365*24*time.Hour, "the far future stays ahead")
	require.Nil(t, tt.popDue(year(2200)))
}

// An injected clock may show any year.
func TestTimetableFarFromTheEpoch(t *testing.T) {
	for _, y := range []int{1, 1600, 1970, 2026, 2262, 2300, 9000} {
		now := time.Date(y, time.June, 1, 0, 0, 0, 0, time.UTC)
		tt := timetable{elapsedBase: now, wallBase: now.Round(0)}
		j := &internalJob{seq: 1}
		tt.put(j, now.Add(time.Hour), true)
		wall, _ := tt.left(now)
		require.Equal(t, time.Hour, wall, "in the year %d", y)
		require.Nil(t, tt.popDue(now.Add(time.Hour-1)), "in the year %d", y)
		require.Same(t, j, tt.popDue(now.Add(time.Hour)), "in the year %d", y)
	}
}

func TestSaturatingSub(t *testing.T) {
	const least, greatest = math.MinInt64, math.MaxInt64
	cases := []struct{ a, b, want int64 }{
		{5, 3, 2},
		{3, 5, -2},
		{0, greatest, -greatest},
		{-1, greatest, least},
		{-2, greatest, least},
		{least, 1, least},
		{least, greatest, least},
		{0, least, greatest},
		{-1, least, greatest},
		{greatest, -1, greatest},
		{greatest, least, greatest},
		{greatest, greatest, 0},
		{least, least, 0},
	}
	for _, tc := range cases {
		require.Equal(t, time.Duration(tc.want), saturatingSub(tc.a, tc.b), "%d - %d", tc.a, tc.b)
	}
}

func TestHasMonotonic(t *testing.T) {
	now := time.Now()
	require.True(t, hasMonotonic(now))
	require.True(t, hasMonotonic(now.Add(time.Hour)))
	require.False(t, hasMonotonic(now.Round(0)))
	require.False(t, hasMonotonic(now.In(time.UTC)))
	require.False(t, hasMonotonic(time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)))
	require.False(t, hasMonotonic(time.Time{}))
}

func TestTimetableRemove(t *testing.T) {
	m := newMachine()
	tt := timetable{elapsedBase: m.start, wallBase: m.start.Round(0)}
	out := &internalJob{seq: 9}
	tt.remove(out) // it never was in it
	tt.put(out, m.wall(time.Minute), true)
	tt.put(&internalJob{seq: 1}, m.elapsed(time.Minute), false)
	tt.remove(out)
	tt.remove(out)
	require.Equal(t, []uint64{1}, popAll(&tt, m.start.Add(time.Hour)))
	tt.put(out, m.elapsed(time.Minute), false) // now of the other kind
	tt.remove(out)
	require.Empty(t, popAll(&tt, m.start.Add(time.Hour)))
	tt.put(out, m.wall(time.Minute), true)
	tt.clear()
	out.setHeapPlace(0)
	tt.remove(out)
	require.Empty(t, popAll(&tt, m.start.Add(time.Hour)))
	wall, elapsed := tt.left(m.start)
	require.Equal(t, []time.Duration{never, never}, []time.Duration{wall, elapsed})
}

func TestTimetableAgainstSortedSlice(t *testing.T) {
	type entry struct {
		at  time.Duration
		job *internalJob
	}
	for seed := int64(1); seed <= 20; seed++ {
		r := rand.New(rand.NewSource(seed))
		m := newMachine()
		tt := timetable{elapsedBase: m.start, wallBase: m.start.Round(0)}
		var model []entry
		for step := 0; step < 300; step++ {
			switch op := r.Intn(6); {
			case op < 4:
				e := entry{m.on + time.Duration(r.Intn(10))*time.Second, &internalJob{seq: uint64(step)}}
				if r.Intn(2) == 0 {
					tt.put(e.job, m.wall(e.at), true)
				} else {
					tt.put(e.job, m.elapsed(e.at), false)
				}
				model = append(model, e)
			case op < 5 && len(model) > 0:
				i := r.Intn(len(model))
				tt.remove(model[i].job)
				model = append(model[:i], model[i+1:]...)
			default:
				m.on += 3 * time.Second
				sort.Slice(model, func(a, b int) bool {
					return model[a].at < model[b].at || model[a].at == model[b].at && model[a].job.seq < model[b].job.seq
				})
				var want []uint64
				for len(model) > 0 && model[0].at <= m.on {
					want = append(want, model[0].job.seq)
					model = model[1:]
				}
				require.Equal(t, want, popAll(&tt, m.start.Add(m.on)))
			}
		}
	}
}

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
