//go:build go1.25

package dashboard

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are in memory, so that a bubble has them.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return local{} }

// local is a loopback address.
type local struct{}

func (local) Network() string { return "pipe" }
func (local) String() string  { return "127.0.0.1:8080" }

// piped is a connection that comes from this machine.
type piped struct{ net.Conn }

func (piped) RemoteAddr() net.Addr { return local{} }

func (p *pipes) dial() (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- piped{theirs}:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// site is a server of a page in a bubble.
type site struct {
	t      *testing.T
	pipes  *pipes
	server *http.Server
	d      *dashboard
	ended  chan error
}

func newSite(t *testing.T, f *fake, access Access, options ...Option) *site {
	h := New[ranRun](f, access, append(options, WithLogger(quiet))...)
	s := &site{t: t, pipes: newPipes(), d: h.(*dashboard), ended: make(chan error, 1)}
	// The bounds are shorter than a stream lasts: it has its own.
	s.server = &http.Server{Handler: h, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	go func() { s.ended <- s.server.Serve(s.pipes) }()
	return s
}

// shutdown shuts the server down, and wants it to end at once.
func (s *site) shutdown() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	began := time.Now()
	if err := s.server.Shutdown(ctx); err != nil {
		s.t.Errorf("Shutdown: %v", err)
	}
	if took := time.Since(began); took > time.Second {
		s.t.Errorf("Shutdown took %v", took)
	}
	if err := <-s.ended; !errors.Is(err, http.ErrServerClosed) {
		s.t.Errorf("Serve: %v", err)
	}
	s.d.live.mu.Lock()
	defer s.d.live.mu.Unlock()
	if len(s.d.live.feeds)+len(s.d.live.clients)+s.d.live.streams > 0 {
		s.t.Errorf("left: %d feeds, %d clients, %d streams", len(s.d.live.feeds), len(s.d.live.clients), s.d.live.streams)
	}
}

// stream is one browser's.
type stream struct {
	conn   net.Conn
	status string
	events chan received // closed at the end
}

// received is an event as a browser gets it.
type received struct {
	name string
	text string
}

// open asks for a stream. It reads the answer's header.
func (s *site) open(address string, headers ...string) *stream {
	s.t.Helper()
	out := s.ask(address, headers...)
	lines := bufio.NewReader(out.conn)
	out.status, _ = lines.ReadString('\n')
	for line := ""; line != "\r\n"; {
		var err error
		if line, err = lines.ReadString('\n'); err != nil {
			s.t.Fatalf("the header: %v", err)
		}
	}
	out.events = make(chan received, 1000)
	go out.read(lines)
	return out
}

// read reads events as they come: the connection holds nothing that is not read.
func (s *stream) read(lines *bufio.Reader) {
	defer close(s.events)
	var e received
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "event: "):
			e.name = strings.TrimPrefix(line, "event: ")
		case strings.HasPrefix(line, "data: "):
			e.text = strings.TrimPrefix(line, "data: ")
			s.events <- e
			e = received{}
		}
	}
}

// ask asks for a stream, and reads nothing.
func (s *site) ask(address string, headers ...string) *stream {
	s.t.Helper()
	conn, err := s.pipes.dial()
	if err != nil {
		s.t.Fatal(err)
	}
	text := "GET " + address + " HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"
	for i := 0; i < len(headers); i += 2 {
		text += headers[i] + ": " + headers[i+1] + "\r\n"
	}
	if _, err := conn.Write([]byte(text + "\r\n")); err != nil {
		s.t.Fatal(err)
	}
	return &stream{conn: conn}
}

// next waits for the next event. Its error is that of the end.
func (s *stream) next() (name string, u update, err error) {
	e, open := <-s.events
	if !open {
		return "", u, io.EOF
	}
	err = json.Unmarshal([]byte(e.text), &u)
	return e.name, u, err
}

func (s *stream) want(t *testing.T) update {
	t.Helper()
	name, u, err := s.next()
	if err != nil || name != "" {
		t.Fatalf("event %q, %v", name, err)
	}
	return u
}

func TestSynctestStreamSendsWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := newSite(t, f, allow)
		out := s.open("/live?page=")
		if !strings.Contains(out.status, "200") {
			t.Fatal(out.status)
		}
		all := out.want(t)
		if len(all.Lists["jobs"]) != 3 || !strings.Contains(all.Set["job-"+idOf(1)], "backup") || all.Set["summary"] == "" {
			t.Fatalf("first: %+v", all)
		}
		// Nothing is sent while nothing changes but the clock. That takes the scheduler's clock with it.
		f.change(func(snap *snapshot) { snap.At = snap.At.Add(time.Hour) })
		time.Sleep(20 * time.Second)
		f.change(func(snap *snapshot) { snap.Jobs.Rows[1].Paused = nil; snap.Jobs.Rows[1].State = "scheduled" })
		change := out.want(t)
		if len(change.Set) != 1 || strings.Contains(change.Set["job-"+idOf(2)], "alice") || len(change.Lists) > 0 {
			t.Errorf("a job is resumed: %+v", change)
		}
		f.change(func(snap *snapshot) { snap.Jobs.Rows = snap.Jobs.Rows[1:] })
		change = out.want(t)
		if got := change.Lists["jobs"]; len(got) != 2 || got[0] != "job-"+idOf(2) || change.Set["job-"+idOf(2)] != "" || !strings.Contains(change.Set["pager"], "2 jobs") {
			t.Errorf("a job has left: %+v", change)
		}
		s.shutdown()
		if _, _, err := out.next(); err == nil {
			t.Error("the stream goes on after Shutdown")
		}
	})
}

// TestSynctestOneEncoder: streams of the same page share what is made for them.
func TestSynctestOneEncoder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := newSite(t, f, func(r *http.Request, action string) (string, error) { return r.Header.Get("Test-User"), nil })
		var streams []*stream
		for _, who := range []string{"a", "b", "c", "d", "e", "f"} {
			for range streamsPerClient {
				streams = append(streams, s.open("/live?page=runs", "Test-User", who))
			}
		}
		var wait sync.WaitGroup
		for _, out := range streams {
			wait.Add(1)
			go func() {
				defer wait.Done()
				for range 3 { // what is there, and two changes
					out.want(t)
				}
			}()
		}
		synctest.Wait()
		f.mu.Lock()
		before := len(f.asked)
		f.mu.Unlock()
		for range 2 {
			f.change(func(snap *snapshot) { snap.Scheduler.Pools[0].Taken++ })
			time.Sleep(time.Second + time.Millisecond)
		}
		wait.Wait()
		if asked := len(f.asked) - before; asked > 3 {
			t.Errorf("%d streams ask the scheduler %d times for two changes", len(streams), asked)
		}
		s.shutdown()
	})
}

// TestSynctestQuietScheduler: without a change the scheduler is asked only now and then.
func TestSynctestQuietScheduler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := newSite(t, f, allow)
		out := s.open("/live?page=")
		out.want(t)
		f.mu.Lock()
		before := len(f.asked)
		f.mu.Unlock()
		time.Sleep(lookAgainAfter*2 + time.Second/2)
		f.mu.Lock()
		if asked := len(f.asked) - before; asked != 2 {
			t.Errorf("asked %d times", asked)
		}
		f.mu.Unlock()
		s.shutdown()
	})
}

// TestSynctestSlowReader: it holds up nobody, and is cut off.
func TestSynctestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := newSite(t, f, allow)
		slow := s.ask("/live?page=") // and reads nothing, not even the header
		quick := s.open("/live?page=")
		quick.want(t)
		f.change(func(snap *snapshot) { snap.Jobs.Rows[1].State = "scheduled" })
		began := time.Now()
		quick.want(t)
		if took := time.Since(began); took > time.Second {
			t.Errorf("the quick one waits for %v", took)
		}
		s.d.live.mu.Lock()
		if s.d.live.streams != 2 {
			t.Errorf("%d streams", s.d.live.streams)
		}
		s.d.live.mu.Unlock()
		time.Sleep(writeTimeout + time.Second)
		s.d.live.mu.Lock()
		if s.d.live.streams != 1 {
			t.Errorf("%d streams after the time of a write", s.d.live.streams)
		}
		s.d.live.mu.Unlock()
		if _, err := slow.conn.Read(make([]byte, 1)); err == nil {
			t.Error("the connection is still open")
		}
		s.shutdown()
	})
}

// TestSynctestReaderFallsBehind: one who misses changes gets all of the page, once.
func TestSynctestReaderFallsBehind(t *testing.T) {
	f := &feed{changed: make(chan struct{})}
	f.publish([]byte("first change"), []byte("all 1"), false)
	event, _ := f.since(0)
	if string(event.text) != "all 1" || event.version != 1 {
		t.Errorf("at first: %s", event.text)
	}
	f.publish([]byte("second change"), []byte("all 2"), false)
	if event, _ := f.since(1); string(event.text) != "second change" {
		t.Errorf("one behind: %s", event.text)
	}
	f.publish([]byte("third change"), []byte("all 3"), false)
	if event, _ := f.since(1); string(event.text) != "all 3" || event.version != 3 {
		t.Errorf("two behind: %s", event.text)
	}
	if event, _ := f.since(3); event != nil {
		t.Errorf("up to date: %s", event.text)
	}
}

func TestSynctestAccessIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		var mu sync.Mutex
		out := false
		s := newSite(t, f, func(r *http.Request, action string) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			if out {
				return "", errors.New("logged out")
			}
			return "alice", nil
		})
		open := s.open("/live?page=")
		open.want(t)
		mu.Lock()
		out = true
		mu.Unlock()
		began := time.Now()
		if _, _, err := open.next(); err == nil {
			t.Error("the stream goes on")
		}
		if took := time.Since(began); took > askAgainAfter {
			t.Errorf("it ends after %v", took)
		}
		s.shutdown()
	})
}

func TestSynctestFewStreamsPerClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, newFake(), func(r *http.Request, action string) (string, error) { return r.Header.Get("Test-User"), nil })
		var streams []*stream
		for range streamsPerClient {
			streams = append(streams, s.open("/live?page=", "Test-User", "alice"))
		}
		if one := s.open("/live?page=", "Test-User", "alice"); !strings.Contains(one.status, "503") {
			t.Errorf("one more than a client may have: %s", one.status)
		}
		streams = append(streams, s.open("/live?page=", "Test-User", "bob"))
		for who := range streamsInAll - len(streams) {
			streams = append(streams, s.open("/live?page=", "Test-User", "user "+string(rune('A'+who%26))+string(rune('A'+who/26))))
		}
		if one := s.open("/live?page=", "Test-User", "carol"); !strings.Contains(one.status, "503") {
			t.Errorf("one more than all may have: %s", one.status)
		}
		_ = streams[0].conn.Close()
		synctest.Wait()
		if one := s.open("/live?page=", "Test-User", "alice"); !strings.Contains(one.status, "200") {
			t.Errorf("after one has gone: %s", one.status)
		}
		s.shutdown()
	})
}

// TestSynctestThousandStreams: those that there is room for get what the others would have had, and
// nothing is left of any.
func TestSynctestThousandStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := newSite(t, f, func(r *http.Request, action string) (string, error) { return r.Header.Get("Test-User"), nil })
		var streams []*stream
		refused := 0
		for i := range 1000 {
			one := s.open("/live?page=", "Test-User", fmt.Sprint("user ", i))
			if strings.Contains(one.status, "503") {
				refused++
				continue
			}
			streams = append(streams, one)
		}
		if len(streams) != streamsInAll || refused != 1000-streamsInAll {
			t.Errorf("%d streams, %d refused", len(streams), refused)
		}
		f.change(func(now *snapshot) { now.Jobs.Rows[1].Name = "post" })
		time.Sleep(2 * time.Second)
		for i, one := range streams {
			if all, change := <-one.events, <-one.events; !strings.Contains(all.text, "mail") || !strings.Contains(change.text, "post") {
				t.Errorf("stream %d: %.100s, %.100s", i, all.text, change.text)
			}
		}
		s.shutdown()
	})
}

// TestSynctestStreamOfAJobThatLeaves ends with a word to the browser.
func TestSynctestStreamOfAJobThatLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := newSite(t, f, allow)
		out := s.open("/live?page=job&id=" + idOf(1))
		out.want(t)
		f.change(func(snap *snapshot) { snap.Jobs.Rows = snap.Jobs.Rows[1:] })
		if name, _, err := out.next(); name != "end" || err != nil {
			t.Errorf("%q, %v", name, err)
		}
		if _, _, err := out.next(); err == nil {
			t.Error("the stream goes on")
		}
		f.change(func(snap *snapshot) { snap.Jobs.Rows = newFake().snap.Jobs.Rows })
		s.open("/live?page=job&id=" + idOf(1)).want(t) // it is there again
		s.shutdown()
	})
}

// TestSynctestNobodyJoinsWhatHasEnded: one who comes after the end gets a feed of his own.
func TestSynctestNobodyJoinsWhatHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		d := New[ranRun](f, allow, WithLogger(quiet)).(*dashboard)
		f.err = errors.New("not now")
		v, _ := viewOf("runs")
		ended := d.live.join(v, &visit{live: true})
		synctest.Wait()
		f.err = nil
		next := d.live.join(v, &visit{live: true})
		synctest.Wait()
		if event, _ := next.since(0); next == ended || event == nil || event.last {
			t.Error("the feed is one that has ended")
		}
		d.live.leave(ended)
		d.live.leave(next)
		if len(d.live.feeds) > 0 {
			t.Error("a feed is left")
		}
	})
}

// TestSynctestStreamAfterShutdown: one that begins while the server shuts down ends at once.
func TestSynctestStreamAfterShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := newSite(t, f, allow)
		s.open("/live?page=").want(t)
		late, err := s.pipes.dial()
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // the server has the connection, and no request on it yet
		go func() { _, _ = late.Write([]byte("GET /live?page= HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n")) }()
		s.shutdown()
		_ = late.Close()
	})
}
