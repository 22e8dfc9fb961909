package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of the streams.
const (
	streamsInAll     = 100
	streamsPerClient = 4                // a browser has six connections to a host, over HTTP/1.1
	writeTimeout     = 5 * time.Second  // of one write, after which a reader is too slow
	askAgainAfter    = 15 * time.Second // how often access is asked about an open stream
	lookAgainAfter   = 5 * time.Second  // what changes without a run, such as a pause, is seen by then
)

// hub has the streams. Those of one view share a feed: one goroutine, which makes the page and
// encodes what has changed once for all of them, and which ends with the last of them. Each stream
// writes on the goroutine of its request, so a slow one holds up none but itself.
type hub struct {
	d       *dashboard
	changes atomic.Uint64 // grows with every stage of a run, and with every action
	servers sync.Map      // *http.Server to a chan struct{} that is closed by its Shutdown

	mu      sync.Mutex // guards the following, and is held for no call of others
	feeds   map[string]*feed
	clients map[string]int
	streams int
}

func (h *hub) init(d *dashboard) {
	h.d, h.feeds, h.clients = d, map[string]*feed{}, map[string]int{}
}

// noteServer remembers the server of a request, to end its streams when it shuts down: Shutdown
// waits for requests, and ends none.
func (h *hub) noteServer(r *http.Request) {
	server, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
	if server == nil {
		return
	}
	if _, known := h.servers.Load(server); known {
		return
	}
	closing := make(chan struct{})
	if _, known := h.servers.LoadOrStore(server, closing); !known {
		server.RegisterOnShutdown(sync.OnceFunc(func() { close(closing) }))
	}
}

// closing returns a channel that is closed when the server of the request shuts down.
func (h *hub) closing(r *http.Request) chan struct{} {
	server, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
	closing, _ := h.servers.Load(server)
	channel, _ := closing.(chan struct{})
	return channel // nil, which is never closed, without a server
}

// liveAddress is the address of the stream of a page.
func liveAddress(v view, query url.Values) string {
	all := url.Values{"page": {v.name}}
	for key, values := range query {
		if key != "page" && key != "done" && key != "once" {
			all[key] = values
		}
	}
	return "live?" + all.Encode()
}

// serve answers with the changes of a page: with once=1 with all of it, as JSON, and else for as
// long as the browser wants, as server-sent events.
func (h *hub) serve(w http.ResponseWriter, r *http.Request, who string) {
	query := r.URL.Query()
	v, found := viewOf(query.Get("page"))
	if !found || v.every == 0 {
		http.Error(w, "There is no such page.", http.StatusNotFound)
		return
	}
	once := query.Get("once") == "1"
	query.Del("page")
	query.Del("once")
	visit := &visit{query: query, may: h.d.offered(r), live: true}
	if once {
		h.serveOnce(w, r, v, visit)
		return
	}
	leave, ok := h.admit(client(r, who))
	if !ok {
		w.Header().Set("Retry-After", "30")
		http.Error(w, "There are too many streams.", http.StatusServiceUnavailable)
		return
	}
	defer leave()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // for a proxy that would collect what is written
	feed := h.join(v, visit)
	defer h.leave(feed)
	h.stream(w, r, feed)
}

func (h *hub) serveOnce(w http.ResponseWriter, r *http.Request, v view, visit *visit) {
	c, err := v.build(h.d, r.Context(), visit)
	var all *rendered
	if err == nil {
		all, err = render(c)
	}
	if err != nil {
		h.d.showError(w, r, "", err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(all.since(nil)) // an error is the browser's having gone away
}

// client is who asks, and from which address.
func client(r *http.Request, who string) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return who + "\n" + host
}

// admit counts a stream, if there may be one more.
func (h *hub) admit(client string) (leave func(), ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.streams >= streamsInAll || h.clients[client] >= streamsPerClient {
		return nil, false
	}
	h.streams++
	h.clients[client]++
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.streams--
		if h.clients[client]--; h.clients[client] == 0 {
			delete(h.clients, client)
		}
	}, true
}

// stream writes the feed until one side has enough.
func (h *hub) stream(w http.ResponseWriter, r *http.Request, f *feed) {
	out := newEventWriter(w)
	closing := h.closing(r)
	again := time.NewTicker(askAgainAfter)
	defer again.Stop()
	var seen uint64
	for {
		event, changed := f.since(seen)
		if event != nil {
			seen = event.version
			if out.write(event.text) != nil || event.last || !out.lasts {
				return
			}
		}
		select {
		case <-changed:
		case <-again.C:
			if _, err := h.d.ask(r, ActionRead); err != nil || out.write([]byte(":\n\n")) != nil {
				return
			}
		case <-closing:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// eventWriter writes with a deadline for each write.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	lasts   bool // the writer has deadlines and flushes: without, one event is all
}

func newEventWriter(w http.ResponseWriter) *eventWriter {
	out := &eventWriter{w: w, control: http.NewResponseController(w)}
	out.lasts = out.control.SetWriteDeadline(time.Now().Add(writeTimeout)) == nil && out.control.Flush() == nil
	return out
}

func (out *eventWriter) write(text []byte) error {
	if out.lasts {
		if err := out.control.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return err
		}
	}
	if _, err := out.w.Write(text); err != nil {
		return err
	}
	if out.lasts {
		return out.control.Flush()
	}
	return nil
}

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
	Now   int64               `json:"now"`
	Set   map[string]string   `json:"set"`
	Lists map[string][]string `json:"lists"`
}

// rendered is a page in HTML.
type rendered struct {
	now   int64
	parts map[string]string   // by id
	lists map[string][]string // the ids of their parts, in order
}

func render(c *content) (*rendered, error) {
	out := &rendered{now: c.now.UnixMilli(), parts: map[string]string{}, lists: map[string][]string{}}
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
	u := update{Now: out.now, Set: map[string]string{}, Lists: map[string][]string{}}
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
	text, _ := json.Marshal(u) // of strings and numbers, which cannot fail
	return text
}
