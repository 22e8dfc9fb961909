package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

// event is what a stream writes at once: the change that makes a version of the one before, or all.
type event struct {
	version uint64
	text    []byte
	last    bool
}

// feed is one page that streams follow.
type feed struct {
	hub    *hub
	key    string
	view   view
	visit  *visit
	ctx    context.Context
	cancel context.CancelFunc
	users  int // guarded by hub.mu

	mu      sync.Mutex    // guards the following
	latest  event         // the change
	all     []byte        // everything
	changed chan struct{} // closed by the next change

	sent *rendered // the goroutine's own
}

// join returns the feed of a view, which it starts if there is none.
func (h *hub) join(v view, visit *visit) *feed {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := fmt.Sprint(v.name, "?", visit.query.Encode(), visit.may)
	f := h.feeds[key]
	if f == nil {
		f = &feed{hub: h, key: key, view: v, visit: visit, changed: make(chan struct{})}
		f.ctx, f.cancel = context.WithCancel(context.Background())
		h.feeds[key] = f
		go f.run()
	}
	f.users++
	return f
}

func (h *hub) leave(f *feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.users--; f.users == 0 {
		f.cancel()
		h.forgetLocked(f)
	}
}

// forget lets nobody join a feed any more.
func (h *hub) forget(f *feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forgetLocked(f)
}

func (h *hub) forgetLocked(f *feed) {
	if h.feeds[f.key] == f {
		delete(h.feeds, f.key)
	}
}

// since returns what one who has seen a version has to be sent, nil for nothing, and a channel that
// is closed when there is more.
func (f *feed) since(version uint64) (*event, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case version == f.latest.version:
		return nil, f.changed
	case version > 0 && version+1 == f.latest.version || f.latest.last:
		latest := f.latest
		return &latest, f.changed
	default:
		return &event{version: f.latest.version, text: f.all}, f.changed
	}
}

// run makes the page again and again.
func (f *feed) run() {
	tick := time.NewTicker(f.view.every)
	defer tick.Stop()
	var seen uint64
	var looked time.Time
	for {
		changes, now := f.hub.changes.Load(), time.Now()
		if looked.IsZero() || changes != seen || now.Sub(looked) >= lookAgainAfter {
			seen, looked = changes, now
			if !f.look() {
				return
			}
		}
		select {
		case <-tick.C:
		case <-f.ctx.Done():
			return
		}
	}
}

// look makes the page once, and publishes what has changed. It reports whether to go on: when the
// page cannot be made the streams end, and loading it again shows why.
func (f *feed) look() bool {
	var now *rendered
	c, err := f.view.build(f.hub.d, f.ctx, f.visit)
	if err == nil {
		now, err = render(c)
	}
	if err != nil {
		f.hub.forget(f)
		end := frame("end", []byte("{}"))
		f.publish(end, end, true)
		return false
	}
	if change := now.since(f.sent); change != nil {
		f.publish(frame("", change), frame("", now.since(nil)), false)
		f.sent = now
	}
	return true
}

func (f *feed) publish(change, all []byte, last bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.latest = event{version: f.latest.version + 1, text: change, last: last}
	f.all = all
	close(f.changed)
	f.changed = make(chan struct{})
}

// frame is a server-sent event. JSON has no line ends.
func frame(name string, text []byte) []byte {
	var b bytes.Buffer
	if name != "" {
		fmt.Fprintf(&b, "event: %s\n", name)
	}
	fmt.Fprintf(&b, "data: %s\n\n", text)
	return b.Bytes()
}

// update is what the script of a page gets. Set has the HTML of the parts that are new or have
// changed, and Lists the order of the lists in which that is so.
type update struct {
	Set   map[string]string   `json:"set"`
	Lists map[string][]string `json:"lists"`
}

// rendered is a page in HTML.
type rendered struct {
	parts map[string]string   // by id
	lists map[string][]string // the ids of their parts, in order
}

func render(c *content) (*rendered, error) {
	out := &rendered{parts: map[string]string{}, lists: map[string][]string{}}
	for _, list := range c.lists {
		out.lists[list] = []string{}
	}
	for _, p := range c.parts {
		html, err := p.html()
		if err != nil {
			return nil, err
		}
		out.parts[p.id] = string(html)
		if p.list != "" {
			out.lists[p.list] = append(out.lists[p.list], p.id)
		}
	}
	return out, nil
}

// since encodes what is not as before, everything if before is nil. It returns nil if all is.
func (out *rendered) since(before *rendered) []byte {
	u := update{Set: map[string]string{}, Lists: map[string][]string{}}
	for id, html := range out.parts {
		if before == nil || before.parts[id] != html {
			u.Set[id] = html
		}
	}
	for list, ids := range out.lists {
		if before == nil || !slices.Equal(before.lists[list], ids) {
			u.Lists[list] = ids
		}
	}
	if before != nil && len(u.Set) == 0 && len(u.Lists) == 0 {
		return nil
	}
	text, _ := json.Marshal(u) // of strings, which cannot fail
	return text
}
