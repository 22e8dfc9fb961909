package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

const (
	shift     = 80 * time.Millisecond // of a node's clock against the one before
	redraw    = 100 * time.Millisecond
	settleFor = 5 * time.Second // for what the nodes have yet to tell at the end
	maxNews   = 4               // lines of news below the table
)

var errDuplicates = errors.New("occurrences were run twice")

// cluster starts the nodes, looks on, kills one and counts.
type cluster struct {
	opts   options
	engine *engine
	keeper *child // of the server
	where  string // the engine's address, without the password
	screen *screen
	keys   <-chan struct{}

	ledger *ledger
	nodes  map[string]*child
	events chan event
	tick   *time.Ticker
	gone   int // nodes that have ended, and whose last event was taken

	window  window    // what is counted
	kills   time.Time // when a node is killed, if no key is pressed
	pressed bool
	killed  bool
	closing bool // nodes may end
	news    []string
}

// run is the life of the program. It returns an error if an occurrence was run twice.
func run(ctx context.Context, opts options, keys <-chan struct{}, screen *screen) error {
	name, err := findEngine(opts.engine)
	if err != nil {
		return err
	}
	e := engines[name]
	screen.line("starting %s and %d nodes", e.title, opts.nodes)
	keeper, address, err := startEngine(ctx, name)
	if err != nil {
		return err
	}
	defer func() {
		keeper.leave()
		<-keeper.ended
	}()
	c := &cluster{
		opts: opts, engine: e, keeper: keeper, screen: screen, keys: keys,
		ledger: newLedger(jobsWith(e.elects)), nodes: make(map[string]*child),
		events: make(chan event), tick: time.NewTicker(redraw),
	}
	defer c.tick.Stop()
	if u, err := url.Parse(address); err == nil {
		c.where = u.Host
	}
	defer c.killAll()
	if err := c.start(ctx, name, address); err != nil {
		return err
	}
	if err := c.observe(ctx); err != nil {
		return err
	}
	return c.conclude()
}

// start starts the nodes and returns when all are ready and, if there is to be one, there
// is a leader.
func (c *cluster) start(ctx context.Context, engine, address string) error {
	for i := range c.opts.nodes {
		spec := childSpec{Engine: engine, Address: address, Node: fmt.Sprintf("node-%d", i+1), Offset: time.Duration(i) * shift}
		node, err := startChild(spec, c.pass)
		if err != nil {
			return err
		}
		c.nodes[spec.Node] = node
		c.ledger.addNode(spec.Node, spec.Offset)
		go func() {
			<-node.ended
			c.events <- event{Kind: nodeEnded, Node: spec.Node}
		}()
	}
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	ready := func() bool { return c.ledger.all((*page).lives) && (!c.engine.elects || c.ledger.leader() != nil) }
	if err := c.attend(starting, ready); err != nil {
		return err
	}
	if !ready() {
		return fmt.Errorf("the nodes are not ready: %w", context.Cause(starting))
	}
	return nil
}

// observe looks on for as long as the options say, and kills a node in between.
func (c *cluster) observe(ctx context.Context) error {
	begin := time.Now()
	ends := begin.Add(c.opts.runFor)
	ctx, cancel := context.WithDeadline(ctx, ends)
	defer cancel()
	kills := ends
	if c.opts.killAfter > 0 && c.opts.killAfter < c.opts.runFor {
		kills = begin.Add(c.opts.killAfter)
	}
	before, cancel := context.WithDeadline(ctx, kills)
	defer cancel()
	// No clock has reached the first of these times yet, so all nodes see what is due from
	// then on.
	c.window = window{begin.Add(time.Duration(c.opts.nodes-1) * shift), ends}
	c.kills, c.pressed = kills, false
	if err := c.attend(before, func() bool { return c.pressed }); err != nil {
		return err
	}
	if ctx.Err() == nil {
		c.kill()
	}
	return c.attend(ctx, never)
}

func never() bool { return false }

// kill kills the node that leads, or the one that ran most recently if none does.
func (c *cluster) kill() {
	victim, why := c.ledger.leader(), "killed, as it leads"
	if victim == nil {
		victim, why = c.ledger.latest(), "killed, as it ran most recently"
	}
	c.nodes[victim.name].kill()
	victim.state = nodeKilled
	c.killed = true
	c.tell(event{Kind: why, Node: victim.name})
}

// conclude lets the nodes finish what was due, ends them, and says what was counted.
func (c *cluster) conclude() error {
	c.window.until = time.Now()
	if c.window.until.Before(c.window.from) {
		c.window.until = c.window.from // ended before anything was due
	}
	settling, cancel := context.WithTimeout(context.Background(), settleFor)
	defer cancel()
	if err := c.attend(settling, c.settled); err != nil {
		return err
	}
	// What the nodes tell from now on is of the end of the program, not of the time that was looked at.
	table, report := c.ledger.table(c.window), c.ledger.report(c.window)
	if err := c.closeAll(); err != nil {
		return err
	}
	c.screen.end(c.title()+table, strings.Join(c.news, "\n")+"\n", report)
	if c.ledger.total(c.window).duplicates > 0 {
		return errDuplicates
	}
	return nil
}

// settled reports whether the nodes have told all that they can of what is counted, the
// one that was killed included.
func (c *cluster) settled() bool {
	return (!c.killed || c.gone > 0) && c.ledger.settled(c.window)
}

// closeAll ends the nodes in good order.
func (c *cluster) closeAll() error {
	c.closing = true
	for _, node := range c.nodes {
		node.leave()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*closeTimeout)
	defer cancel()
	if err := c.attend(ctx, func() bool { return c.gone == len(c.nodes) }); err != nil {
		return err
	}
	return ctx.Err()
}

// killAll ends the nodes that are still there when something has gone wrong.
func (c *cluster) killAll() {
	c.closing = true
	for _, node := range c.nodes {
		node.kill()
	}
	for c.gone < len(c.nodes) {
		if e := <-c.events; e.Kind == nodeEnded {
			c.gone++
		}
	}
}

// pass passes an event on. Of a node that was killed the last line may not be whole.
func (c *cluster) pass(line []byte) {
	var e event
	if json.Unmarshal(line, &e) == nil {
		c.events <- e
	}
}

// attend deals with what happens until done reports true or ctx ends. It returns an error
// if a node ends that should not, or the server.
func (c *cluster) attend(ctx context.Context, done func() bool) error {
	for !done() {
		select {
		case e := <-c.events:
			if err := c.take(e); err != nil {
				return err
			}
		case <-c.keys:
			c.pressed = true
		case <-c.tick.C:
			c.screen.draw(c.picture())
		case <-c.keeper.ended:
			return errors.Join(errors.New("the engine has ended"), c.keeper.err)
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

func (c *cluster) take(e event) error {
	c.ledger.add(e, time.Now())
	if !c.closing {
		c.tell(e)
	}
	if e.Kind != nodeEnded {
		return nil
	}
	c.gone++
	if c.ledger.page(e.Node).state == nodeKilled {
		return nil
	}
	if err := c.nodes[e.Node].err; err != nil || !c.closing {
		return fmt.Errorf("%s has ended: %w", e.Node, cmp.Or(err, errors.New("nobody has told it to")))
	}
	return nil
}

// tell shows an event, and keeps it if it is more than a run.
func (c *cluster) tell(e event) {
	text := tell(e, time.Now())
	if text == "" {
		return
	}
	c.screen.line("%s", text)
	if e.Kind != runBegan {
		c.news = append(c.news, text)
		c.news = c.news[max(0, len(c.news)-maxNews):]
	}
}

func (c *cluster) title() string {
	return fmt.Sprintf("%s on %s, %d nodes, what was due from %s\n\n",
		c.engine.title, c.where, len(c.nodes), c.window.from.Format(clockFormat))
}

// picture is what is to be seen now.
func (c *cluster) picture() string {
	if c.window.from.IsZero() {
		return fmt.Sprintf("starting %d nodes on %s\n", c.opts.nodes, c.engine.title)
	}
	next := fmt.Sprintf("ends in %v", seconds(c.window.until))
	victim := "the leader"
	if !c.engine.elects {
		victim = "the node that ran most recently"
	}
	if !c.killed && c.kills.Before(c.window.until) {
		next += fmt.Sprintf("; kills %s in %v, or when you press Enter", victim, seconds(c.kills))
	} else if !c.killed {
		next += "; press Enter to kill " + victim
	}
	return c.title() + c.ledger.table(c.window) + next + "\n\n" + strings.Join(c.news, "\n") + "\n"
}

// seconds is how many there are until t.
func seconds(t time.Time) time.Duration { return max(0, time.Until(t).Round(time.Second)) }
