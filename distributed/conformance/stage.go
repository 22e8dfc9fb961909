package conformance

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"
)

// patience is how long anything may take that is bound to happen. Nothing is concluded
// from how long it does take.
const patience = 2 * time.Minute

// shortTimeout is for requests that are likely to get no answer.
const shortTimeout = 2 * time.Second

// A stage is what one case plays on: a namespace of the engine, and the nodes and relays
// that the case has started.
type stage struct {
	ctx       context.Context
	engine    Engine
	namespace string
	figures   Figures
	problems  []error
	*ledger

	started   sync.Mutex // guards what follows
	processes []*process
	relays    []*relay
	nodes     []*Node
}

func newStage(ctx context.Context, e Engine) *stage {
	name := make([]byte, 6)
	rand.Read(name)
	return &stage{ctx: ctx, engine: e, namespace: "conformance-" + hex.EncodeToString(name), ledger: newLedger()}
}

// expect notes a problem, unless ok. The case goes on.
func (s *stage) expect(ok bool, format string, args ...any) {
	if !ok {
		s.problems = append(s.problems, fmt.Errorf(format, args...))
	}
}

// config is what a node called name gets if the case has nothing special in mind.
func (s *stage) config(name string) NodeConfig {
	return NodeConfig{
		Name: name, Addr: s.engine.Addr, Namespace: s.namespace,
		Keep: 2 * time.Hour, TTL: max(s.engine.ttl(), 3*time.Second), Timeout: 30 * time.Second,
	}
}

// open makes a node in this process, for a case that asks it without a scheduler.
func (s *stage) open(config NodeConfig) (*Node, error) {
	n, err := s.engine.NewNode(s.ctx, config)
	if err != nil {
		return nil, err
	}
	s.started.Lock()
	defer s.started.Unlock()
	s.nodes = append(s.nodes, n)
	return n, nil
}

// start starts a node process.
func (s *stage) start(spec nodeSpec) (*process, error) {
	spec.Engine = s.engine.Name
	program := ""
	if spec.Before {
		program = s.engine.Before
	}
	p, err := startProcess(program, spec, s.ledger)
	if err != nil {
		return nil, err
	}
	s.started.Lock()
	defer s.started.Unlock()
	s.processes = append(s.processes, p)
	return p, nil
}

// startAll starts a node process for each spec, apart in time, and returns when they are
// ready.
func (s *stage) startAll(apart time.Duration, specs ...nodeSpec) ([]*process, error) {
	processes := make([]*process, 0, len(specs))
	for i, spec := range specs {
		if i > 0 {
			time.Sleep(apart)
		}
		p, err := s.start(spec)
		if err != nil {
			return nil, err
		}
		processes = append(processes, p)
	}
	return processes, s.until("all nodes to be ready", func(events []event) bool {
		return count(events, func(e event) bool { return e.Kind == nodeReady }) >= len(specs)
	})
}

// relay puts a relay before the server.
func (s *stage) relay() (*relay, error) {
	r, err := newRelay(s.engine.Addr)
	if err != nil {
		return nil, err
	}
	s.started.Lock()
	defer s.started.Unlock()
	s.relays = append(s.relays, r)
	return r, nil
}

// until returns when the ledger satisfies enough.
func (s *stage) until(what string, enough func([]event) bool) error {
	return s.wait(s.ctx, what, enough)
}

// event returns the first event that is wanted, when there is one.
func (s *stage) event(what string, wanted func(event) bool) (event, error) {
	var found event
	err := s.until(what, func(events []event) (ok bool) {
		found, ok = find(events, wanted)
		return ok
	})
	return found, err
}

// ahead is a window that is still to come on clocks that are off by offset.
func (s *stage) ahead(offset time.Duration, n int) window {
	return window{time.Now().Add(offset + 2*time.Second).Truncate(time.Second), n, time.Second}
}

// past returns when the nodes are done with all occurrences of the job in the window.
func (s *stage) past(w window, job string, nodes ...*process) error {
	return s.until(fmt.Sprintf("the nodes to be done with %d occurrences", w.n), func(events []event) bool {
		for _, p := range nodes {
			if !w.finished(events, job, p.name) {
				return false
			}
		}
		return true
	})
}

// tell has a node do something and returns when it has.
func (s *stage) tell(p *process, command string) error {
	if err := p.tell(command); err != nil {
		return err
	}
	_, err := s.event(p.name+" to "+command, func(e event) bool { return e.is(nodeDid, command, p.name) })
	return err
}

// exact expects every occurrence to have had one run.
func (s *stage) exact(f Figures) {
	s.expect(f.Duplicates == 0 && f.Missed == 0 && f.Runs == f.Occurrences, "not every occurrence was run once: %v", f)
}

// oneLeader expects that there were never two leaders, and that tokens rise with the
// terms.
func (s *stage) oneLeader() {
	spans := terms(s.all())
	most, a, b := overlap(spans)
	s.expect(most <= 1, "two leaders at once: %v and %v", a, b)
	for i := 1; i < len(spans); i++ {
		earlier, later := spans[i-1], spans[i]
		same := later.token == earlier.token && later.node == earlier.node
		s.expect(later.token == 0 || later.token > earlier.token || same, "a later term has a lower token: %v and %v", earlier, later)
	}
}

// result is what the case has come to.
func (s *stage) result() error { return errors.Join(s.problems...) }

// close ends whatever was started. Relays come first, so that nothing hangs in them.
func (s *stage) close() {
	s.started.Lock()
	defer s.started.Unlock()
	for _, r := range s.relays {
		r.close()
	}
	for _, p := range s.processes {
		p.kill()
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, n := range s.nodes {
		n.close(ctx)
	}
}
