package gocron

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	// keptOrderFrom is how many jobs there have to be for their order to be kept.
	keptOrderFrom = 1000
	// orderKept is for how long it is.
	orderKept = time.Second
)

// A jobOrder is the jobs of a scheduler at one moment, in the orders that Snapshots have asked for.
// It is made with nothing locked but turn, which one at a time has who makes it or adds to it.
// What has been made never changes.
type jobOrder struct {
	list   []*internalJob
	names  []string
	looked []orderLook // nil until somebody asks what the jobs are doing
	sorted map[string][]int32
}

// An orderLook is what a job is doing, as far as orders and filters ask.
type orderLook struct {
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

// orders is where the order of many jobs is kept, for a second, for all who ask.
type orders struct {
	turn chan struct{} // capacity 1: who has put something in has it
	kept *jobOrder
}

// jobOrder is the order of the jobs now, or of many jobs that of a moment ago. It is sorted in the
// named way, unless that is "", and knows what the jobs are doing if looked is set.
func (c *Controller) jobOrder(ctx context.Context, by string, looked bool) (*jobOrder, []int32, error) {
	o := &c.s.orders
	select {
	case o.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	defer func() { <-o.turn }()
	order := o.kept
	if order == nil {
		list, err := c.jobList()
		if err != nil {
			return nil, nil, err
		}
		order = newJobOrder(list)
		if len(list) > keptOrderFrom {
			o.keep(order)
		}
	}
	if looked || strings.HasSuffix(by, "next") || strings.HasSuffix(by, "last") {
		if err := order.look(ctx, c.s); err != nil {
			return nil, nil, err
		}
	}
	if by != "" && order.sorted[by] == nil {
		order.sorted[by] = order.sort(by)
	}
	copied := *order // others may add to it
	return &copied, order.sorted[by], nil
}

// keep keeps order for a while.
func (o *orders) keep(order *jobOrder) {
	o.kept = order
	afterReal(orderKept, func() {
		o.turn <- struct{}{}
		o.kept = nil
		<-o.turn
	})
}

func newJobOrder(list []*internalJob) *jobOrder {
	order := &jobOrder{list: list, names: make([]string, len(list)), sorted: make(map[string][]int32)}
	for i, j := range list {
		order.names[i] = j.Name()
	}
	return order
}

// look notes what all jobs are doing, unless that is known. Of one that has left it is nothing.
func (o *jobOrder) look(ctx context.Context, s *scheduler) error {
	if o.looked != nil {
		return nil
	}
	looked := make([]orderLook, len(o.list))
	for begin := 0; begin < len(o.list); begin += lookBatch {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch := o.list[begin:min(begin+lookBatch, len(o.list))]
		ended := s.endedContexts(batch)
		s.lock()
		for i, j := range batch {
			looked[begin+i] = s.orderLookLocked(j.current(), ended)
		}
		s.unlock()
	}
	o.looked = looked
	return nil
}

func (s *scheduler) orderLookLocked(j *internalJob, ended map[*internalJob]bool) orderLook {
	if !j.listed {
		return orderLook{next: noTime, last: noTime}
	}
	l := s.lookLocked(j, ended[j])
	return orderLook{l.marks(), nanosOf(l.explained.NextRun), nanosOf(l.last.startedAt)}
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
func (o *jobOrder) key(by string, i int32) orderKey {
	key := orderKey{By: by, ID: o.list[i].id}
	switch strings.TrimPrefix(by, "-") {
	case "next":
		key.Time = o.looked[i].next
	case "last":
		key.Time = o.looked[i].last
	default:
		key.Name = o.names[i]
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

// sort is the jobs' places in list, in the named order.
func (o *jobOrder) sort(by string) []int32 {
	keys := make([]orderKey, len(o.list))
	places := make([]int32, len(o.list))
	for i := range keys {
		keys[i], places[i] = o.key(by, int32(i)), int32(i)
	}
	slices.SortFunc(places, func(a, b int32) int { return keys[a].compare(&keys[b]) })
	return places
}

// after is how many jobs of the order come before the cursor, or at it.
func (o *jobOrder) after(sorted []int32, cursor *orderKey) int {
	return sort.Search(len(sorted), func(n int) bool {
		key := o.key(cursor.By, sorted[n])
		return key.compare(cursor) > 0
	})
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
