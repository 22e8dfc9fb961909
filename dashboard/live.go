package dashboard

import (
	"net"
	"net/http"
	"net/url"
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
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", "text/event-stream")
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
	if !out.lasts && out.write([]byte("retry: 10000\n")) != nil {
		return
	}
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
