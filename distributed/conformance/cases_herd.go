package conformance

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

const (
	// farAway is how long an answer of a server takes that is in another place.
	farAway = 50 * time.Millisecond
	// betweenHerds is how long after one herd the next falls due.
	betweenHerds = 6 * time.Second
)

// A herdSpec is many jobs that fall due at the same instants.
type herdSpec struct {
	jobs   int
	at     []time.Time
	always bool // also when the engine is down
}

// command is what tells a node of it.
func (h herdSpec) command() string {
	words := []string{"herd", strconv.Itoa(h.jobs), strconv.FormatBool(h.always)}
	for _, at := range h.at {
		words = append(words, at.UTC().Format(time.RFC3339Nano))
	}
	return strings.Join(words, " ")
}

func parseHerd(words []string) (h herdSpec, err error) {
	if len(words) < 3 {
		return h, fmt.Errorf("a herd needs three words, not %d", len(words))
	}
	if h.jobs, err = strconv.Atoi(words[0]); err != nil {
		return h, err
	}
	h.always = words[1] == "true"
	for _, word := range words[2:] {
		at, err := time.Parse(time.RFC3339Nano, word)
		if err != nil {
			return h, err
		}
		h.at = append(h.at, at)
	}
	return h, nil
}

// defaults are three nodes with the options that a program has if it gives none.
func (s *stage) defaults() []nodeSpec {
	specs := s.cluster(3)
	for i := range specs {
		c := &specs[i].Config
		c.Keep, c.TTL, c.Timeout = 2*time.Hour, max(s.engine.MinTTL, 15*time.Second), 5*time.Second
	}
	return specs
}

// relayed puts a relay before each node.
func (s *stage) relayed(specs []nodeSpec, delay time.Duration) ([]*relay, error) {
	relays := make([]*relay, len(specs))
	for i := range specs {
		r, err := s.relay()
		if err != nil {
			return nil, err
		}
		r.delay.Store(int64(delay))
		relays[i], specs[i].Config.Addr = r, r.addr()
	}
	return relays, nil
}

// herd has the nodes run the herd and returns what each has run, at each instant.
func (s *stage) herd(nodes []*process, h herdSpec) error {
	command := h.command()
	for _, n := range nodes {
		if err := n.tell(command); err != nil {
			return err
		}
	}
	return s.until("the nodes to have the jobs", func(events []event) bool {
		return count(events, func(e event) bool { return e.is(nodeDid, command, "") }) == len(nodes)
	})
}

// herdOver returns when the nodes are done with a herd.
func (s *stage) herdOver(nodes []*process, h herdSpec) error {
	return s.until("the nodes to be done with the herd", func(events []event) bool {
		return count(events, func(e event) bool { return e.Kind == herdDone }) >= len(nodes)*len(h.at)
	})
}

// tallyHerd counts the runs at each of the instants.
func tallyHerd(events []event, h herdSpec) (f Figures, took time.Duration, shares map[string]int, outcomes map[string]int) {
	shares, outcomes = make(map[string]int), make(map[string]int)
	for _, at := range h.at {
		runs := make([]int, h.jobs)
		for _, e := range events {
			if e.Kind != herdDone || !e.Scheduled.Equal(at) {
				continue
			}
			shares[e.Node] += len(e.Jobs)
			for _, job := range e.Jobs {
				runs[job]++
			}
			for outcome, n := range e.Outcomes {
				outcomes[outcome] += n
			}
			took = max(took, e.Until.Sub(at))
		}
		f.Occurrences += h.jobs
		for _, n := range runs {
			f.Runs += n
			f.Duplicates += max(0, n-1)
			if n == 0 {
				f.Missed++
			}
		}
	}
	return f, took, shares, outcomes
}

// startsIn is when jobs can fall due that are still to be made.
func startsIn(jobs int) time.Time {
	return time.Now().Add(4*time.Second + time.Duration(jobs)*400*time.Microsecond).Truncate(time.Second)
}

// playHerd has so many jobs fall due at once, twice.
func playHerd(jobs int, delay time.Duration, always bool) func(*stage) error {
	return func(s *stage) error {
		specs := s.defaults()
		if _, err := s.relayed(specs, delay); err != nil {
			return err
		}
		nodes, err := s.startAll(0, specs...)
		if err != nil {
			return err
		}
		return s.playHerdOn(nodes, jobs, always)
	}
}

func (s *stage) playHerdOn(nodes []*process, jobs int, always bool) error {
	at := startsIn(jobs)
	h := herdSpec{jobs: jobs, at: []time.Time{at, at.Add(betweenHerds)}, always: always}
	if err := s.herd(nodes, h); err != nil {
		return err
	}
	if err := s.herdOver(nodes, h); err != nil {
		return err
	}
	var took time.Duration
	var shares, outcomes map[string]int
	s.figures, took, shares, outcomes = tallyHerd(s.all(), h)
	s.exact(s.figures)
	s.figures.Note = fmt.Sprintf("%.1f s", took.Seconds())
	s.noneDown(outcomes)
	if jobs >= 10_000 {
		least, most := jobs, 0
		for _, n := range nodes {
			least, most = min(least, shares[n.name]), max(most, shares[n.name])
		}
		// On a machine that has time for all of them it is less than two.
		s.expect(most <= 4*least, "the nodes have no fair shares: %v", shares)
		s.figures.Note += fmt.Sprintf(", shares of %.0f to %.0f %%", percent(least, s.figures.Runs), percent(most, s.figures.Runs))
	}
	return nil
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

// playHerdAfterRestart has the first herd find a server that knows nothing of before but
// what is on disk, and connections that are all broken.
func playHerdAfterRestart(s *stage) error {
	nodes, err := s.startAll(0, s.defaults()...)
	if err != nil {
		return err
	}
	warm := herdSpec{jobs: 100, at: []time.Time{startsIn(100)}}
	if err := s.herd(nodes, warm); err != nil {
		return err
	}
	if err := s.herdOver(nodes, warm); err != nil {
		return err
	}
	s.forget()
	if err := s.engine.Stop(s.ctx); err != nil {
		return fmt.Errorf("stopping the server: %w", err)
	}
	if err := s.engine.Start(s.ctx); err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	return s.playHerdOn(nodes, 1000, false)
}

// away is a time in which the engine refuses connections, seen from a due time.
type away struct{ from, until time.Duration }

var blips = []away{
	{-50 * time.Millisecond, 50 * time.Millisecond},
	{-900 * time.Millisecond, -400 * time.Millisecond}, // it is back before, with broken connections
	{-500 * time.Millisecond, 500 * time.Millisecond},
	{-100 * time.Millisecond, 2900 * time.Millisecond},
}

// playBlips: an engine that is away for a moment when jobs fall due loses none of them.
func playBlips(s *stage) error {
	relays, nodes, err := s.relayedNodes()
	if err != nil {
		return err
	}
	h := herdSpec{jobs: 300}
	for i := range blips {
		h.at = append(h.at, startsIn(h.jobs).Add(time.Duration(i)*betweenHerds))
	}
	if err := s.herd(nodes, h); err != nil {
		return err
	}
	for i, b := range blips {
		if err := s.refuse(relays, h.at[i].Add(b.from), h.at[i].Add(b.until)); err != nil {
			return err
		}
	}
	if err := s.herdOver(nodes, h); err != nil {
		return err
	}
	var outcomes map[string]int
	s.figures, _, _, outcomes = tallyHerd(s.all(), h)
	s.exact(s.figures)
	s.noneDown(outcomes)
	return nil
}

// noneDown expects that nobody was told that the engine is down.
func (s *stage) noneDown(outcomes map[string]int) {
	down := outcomes[gocron.OutcomeEngineDown.String()]
	failed, _ := find(s.all(), func(e event) bool { return e.Kind == herdDone && e.Err != "" })
	s.expect(down == 0, "%d are engine-down although it was there in time, such as: %s", down, failed.Err)
}

// playLongAway: what is lost when the engine is away for longer than it may take to
// answer is said to be so, and nothing else is lost.
func playLongAway(s *stage) error {
	relays, nodes, err := s.relayedNodes()
	if err != nil {
		return err
	}
	at := startsIn(300)
	h := herdSpec{jobs: 300, at: []time.Time{at, at.Add(4 * betweenHerds)}}
	if err := s.herd(nodes, h); err != nil {
		return err
	}
	if err := s.refuse(relays, at.Add(-100*time.Millisecond), at.Add(2*betweenHerds)); err != nil {
		return err
	}
	if err := s.herdOver(nodes, h); err != nil {
		return err
	}
	var outcomes map[string]int
	s.figures, _, _, outcomes = tallyHerd(s.all(), h)
	down := outcomes[gocron.OutcomeEngineDown.String()]
	s.expect(s.figures.Duplicates == 0 && s.figures.Missed == h.jobs, "not what fell due meanwhile, and only that, is lost: %v", s.figures)
	s.expect(down == h.jobs*len(nodes), "%d runs are engine-down: %v", down, outcomes)
	s.figures.Note = fmt.Sprintf("%d engine-down", down)
	return nil
}

func (s *stage) relayedNodes() ([]*relay, []*process, error) {
	specs := s.defaults()
	relays, err := s.relayed(specs, 0)
	if err != nil {
		return nil, nil, err
	}
	nodes, err := s.startAll(0, specs...)
	return relays, nodes, err
}

// refuse has the relays refuse connections in that time.
func (s *stage) refuse(relays []*relay, from, until time.Time) error {
	if err := s.pause(time.Until(from)); err != nil {
		return err
	}
	for _, r := range relays {
		r.refuse()
	}
	if err := s.pause(time.Until(until)); err != nil {
		return err
	}
	for _, r := range relays {
		if err := r.listen(); err != nil {
			return err
		}
	}
	return nil
}

// prepare makes what the nodes need in the engine, such as tables: the version before cannot do so
// beside another node.
func (s *stage) prepare() error {
	_, err := s.open(s.config("first"))
	return err
}

// playMixed: a node of the version before, and newer ones, run each occurrence once.
func playMixed(s *stage) error {
	specs := s.cluster(3, jobSpec{Name: "job", Cron: everySecond, Task: 5 * time.Millisecond})
	for i := range specs {
		specs[i].Offset = -time.Duration(i) * 80 * time.Millisecond
	}
	specs[1].Before = true
	if err := s.prepare(); err != nil {
		return err
	}
	return s.playExact(0, 10, specs)
}

// playMixedLocked: they keep the runs of a job apart.
func playMixedLocked(s *stage) error {
	specs := s.locked(3, 0, jobSpec{Name: "job", Cron: everySecond, Task: 1500 * time.Millisecond})
	specs[1].Before = true
	if err := s.prepare(); err != nil {
		return err
	}
	nodes, err := s.startAll(0, specs...)
	if err != nil {
		return err
	}
	w := s.ahead(0, 12)
	if err := s.past(w, "job", nodes...); err != nil {
		return err
	}
	events := s.all()
	s.figures = w.tally(events, "job")
	s.expect(s.figures.Duplicates == 0, "%d duplicates", s.figures.Duplicates)
	s.expect(s.figures.Runs > 0, "nothing was run")
	most, a, b := overlap(runSpans(events, "job"))
	s.expect(most == 1, "%d runs at once: %v and %v", most, a, b)
	s.figures.Missed, s.figures.Note = 0, fmt.Sprintf("%d at once", most) // those between are skipped, as is meant
	return nil
}
