package conformance

import (
	"encoding/json"
	"net"
	"strings"
	"sync"
	"time"
)

// A memoryServer is a server to test the suite with: it keeps everything in memory, also
// while it is stopped. Each connection is for one request.
type memoryServer struct {
	addr string
	wg   sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil while it is stopped
	entries  map[string]memoryEntry
	token    int64
}

type memoryEntry struct {
	holder  string
	expires time.Time
}

type memoryRequest struct {
	Op          string
	Key, Holder string
	Scheduled   time.Time
	Keep, TTL   time.Duration
	Unclocked   bool // claims are not judged by the clock
}

type memoryAnswer struct {
	Token   int64
	Refused string
}

func (s *memoryServer) start() error {
	if s.addr == "" {
		s.addr = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addr, s.listener = listener.Addr().String(), listener
	s.wg.Add(1)
	go s.accept(listener)
	return nil
}

func (s *memoryServer) stop() {
	s.mu.Lock()
	s.listener.Close()
	s.mu.Unlock()
	s.wg.Wait()
}

func (s *memoryServer) accept(listener net.Listener) {
	defer s.wg.Done()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(patience))
			var r memoryRequest
			if json.NewDecoder(conn).Decode(&r) == nil {
				json.NewEncoder(conn).Encode(s.do(r))
			}
		}()
	}
}

func (s *memoryServer) do(r memoryRequest) memoryAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for key, e := range s.entries {
		if !now.Before(e.expires) {
			delete(s.entries, key)
		}
	}
	held, taken := s.entries[r.Key]
	switch r.Op {
	case "claim":
		expires := r.Scheduled.Add(r.Keep)
		switch {
		case !r.Unclocked && !now.Before(expires):
			return memoryAnswer{Refused: "too late"}
		case !r.Unclocked && now.Before(r.Scheduled.Add(-r.Keep)):
			return memoryAnswer{Refused: "too early"}
		case taken:
			return memoryAnswer{Refused: "taken"}
		}
		s.entries[r.Key] = memoryEntry{r.Holder, expires}
	case "take":
		if taken && held.holder != r.Holder {
			return memoryAnswer{Refused: "taken"}
		}
		s.entries[r.Key] = memoryEntry{r.Holder, now.Add(r.TTL)}
		s.token++
		return memoryAnswer{Token: s.token}
	case "renew":
		if held.holder != r.Holder {
			return memoryAnswer{Refused: "gone"}
		}
		s.entries[r.Key] = memoryEntry{r.Holder, now.Add(r.TTL)}
	case "drop":
		if held.holder == r.Holder {
			delete(s.entries, r.Key)
		}
	}
	return memoryAnswer{}
}

// count is how many entries there are of a namespace.
func (s *memoryServer) count(namespace string) (n int) {
	s.do(memoryRequest{})
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.entries {
		if strings.HasPrefix(key, namespace+" ") {
			n++
		}
	}
	return n
}
