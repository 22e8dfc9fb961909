//go:build go1.25

package model_test

import (
	"math/rand"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// A modelGenerator writes random programs. Times are few and round, so that
// things fall together often.
type modelGenerator struct {
	*rand.Rand
	setup  modelSetup
	labels int        // definitions so far
	extras *rand.Rand // draws what only extended programs have: the others are the same with and without
	clocks *rand.Rand // draws how the clock is set back

	schedules *rand.Rand // draws the schedules that came later
	byHand    *rand.Rand // draws what programs had by hand, nil for those that have not
}

func newModelProgram(seed int64) *modelProgram {
	g := &modelGenerator{Rand: rand.New(rand.NewSource(seed)), extras: rand.New(rand.NewSource(^seed))}
	g.clocks = rand.New(rand.NewSource(seed ^ 1<<40))
	g.schedules = rand.New(rand.NewSource(seed ^ 1<<41))
	g.byHand = newByHand(seed)
	setsBack, slow := g.clocks.Intn(3) == 0, g.clocks.Intn(3) == 0
	g.setup = g.options()
	if seed/2%2 == 1 { // seed%2 is taken
		g.extendSetup()
	}
	g.setup.slow = slow && g.setup.monitor
	g.setup.byHand = g.byHand != nil
	g.setup.stats = g.setup.byHand && g.setup.extended && g.byHand.Intn(2) == 0
	p := &modelProgram{seed: seed, setup: g.setup}
	started := g.odds(70)
	if started {
		p.steps = append(p.steps, modelStep{action: actStart})
	}
	for n := 1 + g.Intn(4); n > 0; n-- {
		p.steps = append(p.steps, modelStep{action: actAdd, spec: g.spec()})
	}
	if !started {
		p.steps = append(p.steps, modelStep{action: actStart})
	}
	for n := 5 + g.Intn(25); n > 0; n-- {
		p.steps = append(p.steps, g.step())
		for g.setup.extended && g.rare(30) {
			p.steps = append(p.steps, g.steer(&p.steps[len(p.steps)-1]))
		}
		if g.byHand != nil && g.byHand.Intn(8) == 0 {
			p.steps = append(p.steps, g.byHandStep())
		}
		if setsBack && g.clocks.Intn(6) == 0 {
			p.steps = append(p.steps, modelStep{action: actSetBack, by: g.setBack()})
		}
	}
	return p
}

func (g *modelGenerator) odds(percent int) bool { return g.Intn(100) < percent }

func (g *modelGenerator) seconds(least, most int) time.Duration {
	return time.Duration(least+g.Intn(most-least+1)) * time.Second
}

func (g *modelGenerator) mode() gocron.LimitMode {
	if g.odds(50) {
		return gocron.LimitModeWait
	}
	return gocron.LimitModeReschedule
}

func (g *modelGenerator) options() modelSetup {
	s := modelSetup{
		stopTimeout: g.seconds(1, 15),
		elector:     g.odds(15),
		locker:      g.odds(15),
		plain:       g.odds(20),
		status:      g.odds(40),
		monitor:     g.odds(50),
	}
	if g.odds(65) {
		s.slots, s.slotMode = 1+g.Intn(4), g.mode()
	}
	return s
}

func (g *modelGenerator) step() modelStep {
	st := modelStep{label: 1 + g.Intn(g.labels), inside: g.odds(20)}
	switch n := g.Intn(100); {
	case n < 40:
		st.action, st.by, st.inside = actAdvance, g.advance(), false
	case n < 46:
		st.action, st.by, st.inside = actJump, g.jump(), false
	case n < 58:
		st.action, st.times = actRunNow, 1
		if g.odds(30) {
			st.times += g.Intn(5)
		}
	case n < 68:
		st.action, st.spec = actAdd, g.spec()
	case n < 76:
		st.action, st.spec = actUpdate, g.spec()
	case n < 81:
		st.action = actRemove
	case n < 83:
		st.action, st.tag = actRemoveByTag, g.tag()
	case n < 86:
		st.action = actCancelContext
	case n < 92:
		st.action, st.by, st.inside = actStop, g.within(), false
	case n < 99:
		st.action = actStart
	default:
		st.action, st.by, st.inside = actShutdown, g.within(), false
	}
	return st
}

func (g *modelGenerator) advance() time.Duration {
	switch g.Intn(6) {
	case 0:
		return time.Duration(g.Intn(3))
	case 1:
		return g.seconds(1, 20) - 1
	case 2:
		return g.seconds(30, 120)
	default:
		return g.seconds(1, 20)
	}
}

// within never ends together with a stop timeout.
func (g *modelGenerator) within() time.Duration {
	if g.odds(70) {
		return 0
	}
	return g.seconds(0, 10) + 1 + g.setup.odd
}

func (g *modelGenerator) jump() time.Duration {
	if g.odds(20) {
		return g.seconds(3000, 200000)
	}
	return g.seconds(5, 100)
}

func (g *modelGenerator) setBack() time.Duration {
	some := time.Duration(g.clocks.Intn(60)) * time.Second
	return []time.Duration{1, 9 * time.Second, 11 * time.Second, 40*time.Second + some, time.Hour + some, 3*time.Hour - some,
		3*time.Hour + some, 50*time.Hour + some}[g.clocks.Intn(8)]
}

func (g *modelGenerator) tag() string {
	return []string{"red", "green", "blue"}[g.Intn(3)]
}

func (g *modelGenerator) spec() modelSpec {
	g.labels++
	s := modelSpec{
		label:          g.labels,
		immediately:    g.odds(20),
		fromCompletion: g.odds(20),
		withContext:    g.odds(15),
		contextEnded:   g.odds(3),
		listeners:      g.odds(30),
		takesPanics:    g.odds(40),
		refuses:        g.odds(15),
		ownLocker:      g.odds(10),
		lockerDisabled: g.odds(10),
		badName:        g.odds(3),
	}
	if g.odds(40) {
		s.slot = 1 + g.Intn(3)
	}
	if g.odds(30) {
		s.limitedRuns = 1 + g.Intn(4)
	}
	if g.odds(40) {
		s.singleton = g.mode()
	}
	if g.odds(30) {
		s.tags = []string{g.tag(), g.tag()}
	}
	g.times(&s)
	g.drawSchedule(&s)
	g.drawByHand(&s)
	if g.setup.extended {
		g.extendSpec(&s)
		s.varies = s.attempts > 0 && g.byHand != nil && g.byHand.Intn(2) == 0
	}
	s.late = s.late && s.singleton != gocron.LimitModeReplace // else whether the first of two has begun is open
	if g.setup.slow && s.singleton == gocron.LimitModeReplace && (s.kind != kindOnce || len(s.instants) > 0) {
		s.immediately = false // the next time may have come as well by then: whether it finds a run begun is open
	}
	return s
}

func (g *modelGenerator) times(s *modelSpec) {
	switch n := g.Intn(100); {
	case n < 50:
		s.kind, s.every = kindDuration, g.seconds(2, 20)
	case n < 60 && !g.setup.slow: // else such a job might be due when the draw is known
		s.kind, s.every = kindRandom, g.seconds(2, 10)
		s.most = s.every + g.seconds(1, 10)
		s.listeners = false // may stay till the next time, which is not known
		if s.fromCompletion {
			s.ownLocker, s.lockerDisabled = false, true // an unlock may stay as long
		}
	case n < 65 && g.setup.slots == 0 && !g.setup.extended && !g.setup.slow:
		// Such runs are handed over when the Cron has answered, so with slots
		// to win, or numbers to be seen, their order would matter.
		s.kind, s.every = kindOwnCron, []time.Duration{5, 10, 20, 30}[g.Intn(4)]*time.Second
	case n < 72:
		s.kind, s.cron = kindCron, g.cron()
	case n < 80:
		s.kind, s.interval = kindDaily, 1+g.Intn(3)
		for n := 1 + g.Intn(3); n > 0; n-- {
			s.atTimes = append(s.atTimes, g.seconds(0, 120))
		}
	default:
		s.kind = kindOnce
		for n := g.Intn(4); n > 0; n-- {
			s.instants = append(s.instants, g.seconds(0, 30))
		}
		s.immediately = s.immediately || len(s.instants) == 0
	}
	if !s.immediately && s.kind != kindOnce && g.odds(20) {
		in := g.seconds(0, 20)
		if s.startPast = g.odds(50); s.startPast {
			in -= 15 * time.Second
		}
		s.startIn = &in
	}
	if s.kind != kindRandom && g.odds(20) {
		in := g.seconds(0, 40)
		s.stopIn = &in
	}
}

func (g *modelGenerator) cron() modelCron {
	second := []int{0, 15, 30}[g.Intn(3)]
	switch g.Intn(4) {
	case 0:
		return modelCron{{value: second}, {every: 1}, {every: 1}}
	case 1:
		return modelCron{{value: second}, {every: 2}, {every: 1}}
	default:
		return modelCron{{every: []int{5, 7, 10, 20}[g.Intn(4)]}, {every: 1}, {every: 1}}
	}
}
