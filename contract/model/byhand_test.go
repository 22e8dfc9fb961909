//go:build go1.25

package model_test

import (
	"fmt"
	"math/rand"
	"slices"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

// What spares programs the code that they had around a scheduler: keys, manual jobs, the counts of
// one job, a pause of all jobs, one-time jobs that run late, a backoff that sees the error. Half of
// all programs have it.

// modelSpecByHand is the part of it that a definition has.
type modelSpecByHand struct {
	key    int  // 0: none
	late   bool // a one-time job whose times run also when they have passed
	varies bool // the backoff sees the error
}

func (s modelSpecByHand) String() string {
	text := ""
	if s.key > 0 {
		text = ", " + keyName(s.key)
	}
	return text + flagText(s.late, "late is better than never") + flagText(s.varies, "the backoff varies")
}

const modelKeys = 3

func keyName(key int) string { return fmt.Sprintf("key %d", key) }

// keyID is the id that a job has by its key: that is promised.
func keyID(key int) uuid.UUID {
	return uuid.NewSHA1(uuid.MustParse("816d2b86-a0c7-469e-97fa-ff2b1a326a9f"), []byte(keyName(key)))
}

// modelKeyID is the same for the model, where slots are less and other ids more.
func modelKeyID(key int) int { return 100 + key }

// newByHand draws what there is of it. It is nil for programs without.
func newByHand(seed int64) *rand.Rand {
	rnd := rand.New(rand.NewSource(seed ^ 1<<42))
	if rnd.Intn(2) == 0 {
		return nil
	}
	return rnd
}

// drawByHand gives some definitions a key, or times by hand.
func (g *modelGenerator) drawByHand(s *modelSpec) {
	rnd := g.byHand
	if rnd == nil {
		return
	}
	if rnd.Intn(100) < 40 {
		s.key = 1 + rnd.Intn(modelKeys)
		if rnd.Intn(8) > 0 {
			s.slot = 0 // which is refused together with a key
		}
	}
	switch {
	case s.kind == kindDuration && rnd.Intn(4) == 0:
		s.kind, s.jitter = kindManual, 0
	case s.kind == kindOnce && len(s.instants) > 0:
		g.drawOnce(s)
	}
}

// drawOnce has a one-time job run late, or gives it a start time.
func (g *modelGenerator) drawOnce(s *modelSpec) {
	s.late = g.byHand.Intn(2) == 0
	for i := range s.instants {
		if s.late && g.byHand.Intn(2) == 0 {
			s.instants[i] -= 30 * time.Second
		}
	}
	if !s.immediately && g.byHand.Intn(3) == 0 {
		in := time.Duration(g.byHand.Intn(50)) * time.Second
		if s.startPast = g.byHand.Intn(2) == 0; s.startPast {
			in -= 30 * time.Second
		}
		s.startIn = &in
	}
}

// byHandStep is a step by a Controller, with what works for all jobs at once or by key.
func (g *modelGenerator) byHandStep() modelStep {
	st := modelStep{inside: g.byHand.Intn(5) == 0}
	switch n := g.byHand.Intn(10); {
	case n < 4 || !g.setup.extended:
		st.action, st.key = actRemoveByKey, 1+g.byHand.Intn(modelKeys)
	case n < 6:
		st.action = actPauseAll
	default:
		st.action = actResumeAll
	}
	return st
}

func (s *modelStep) byHand() string {
	switch s.action {
	case actPauseAll:
		return "pause all jobs"
	case actResumeAll:
		return "resume all jobs"
	default:
		return "remove the job with " + keyName(s.key)
	}
}

// byHand does what a step wants of the Controller.
func (w *modelWorld) byHand(st *modelStep) error {
	n, err := 0, error(nil)
	switch st.action {
	case actPauseAll:
		n, err = w.control.PauseAll()
	case actResumeAll:
		n, err = w.control.ResumeAll()
	default:
		return w.control.RemoveByKey(keyName(st.key))
	}
	w.tell(0, allText(st.action), time.Duration(n), 0)
	return err
}

func allText(action modelAction) string { return (&modelStep{action: action}).byHand() }

// byHand is that of the model.
func (m *modelScheduler) byHand(st *modelStep) error {
	switch st.action {
	case actPauseAll:
		m.tell(0, allText(st.action), time.Duration(m.paused(false)), 0)
		m.all(m.pause)
	case actResumeAll:
		m.tell(0, allText(st.action), time.Duration(m.paused(true)), 0)
		m.all(m.resume)
	default:
		return m.remove(modelKeyID(st.key))
	}
	return nil
}

// paused is how many jobs are paused, or are not.
func (m *modelScheduler) paused(are bool) (n int) {
	for _, j := range m.listed() {
		if j.lineage.paused == are {
			n++
		}
	}
	return n
}

// all calls do for all jobs, which are none after Shutdown was called.
func (m *modelScheduler) all(do func(*modelJob)) {
	for _, j := range slices.Clone(m.list) {
		if j.listed && !m.closed {
			do(j)
		}
	}
	m.settle()
}

// refusesID reports whether a definition is refused under the id that an Update names.
func (s *modelSpec) refusesID(id int) bool { return s.key > 0 && id != modelKeyID(s.key) }

// anchorOfInstants is what a one-time job counts from that is entered at a moment for the first time.
func (j *modelJob) anchorOfInstants(moment modelInstant) modelInstant {
	anchor := moment
	if j.spec.late && len(j.instants) > 0 {
		anchor = min(moment, slices.Min(j.instants))
	}
	return max(anchor, j.startAt) - 1 // that is less than any if there is none
}

// wait is how long a run waits for its next attempt, after that many that failed, the last with
// the error of the given text.
func (s *modelSpec) wait(failed int, err string) time.Duration {
	if !s.varies {
		return s.backoff
	}
	wait := s.backoff + time.Duration(failed)*time.Second
	if err == errorText(errModelTask) {
		wait += 5 * time.Second
	}
	return wait
}

// retryPolicy is what the model's wait is on the real side. Waits of a nanosecond are none where
// runs that end together may be tried again in any order.
func (w *modelWorld) retryPolicy(spec *modelSpec) gocron.RetryPolicy {
	wait := func(failed int, err string) time.Duration {
		if d := spec.wait(failed, err); w.host == nil || d > 1 {
			return d
		}
		return 0
	}
	policy := gocron.RetryPolicy{Attempts: spec.attempts}
	if spec.varies {
		policy.BackoffFor = func(failed int, err error) time.Duration { return wait(failed, errorText(err)) }
	} else {
		policy.Backoff = gocron.ConstantBackoff(wait(1, ""))
	}
	return policy
}

// A modelTally is what is known of the runs of one job.
type modelTally struct {
	outcomes map[gocron.Outcome]uint64
	runs     []modelCounted
}

// A modelCounted is a run whose task was called.
type modelCounted struct {
	modelPast
	outcome gocron.Outcome
}

func (m *modelScheduler) tally(r *modelRun) {
	t := &r.job.lineage.tally
	if t.outcomes == nil {
		t.outcomes = map[gocron.Outcome]uint64{}
	}
	t.outcomes[r.outcome]++
	if r.performed {
		t.runs = append(t.runs, modelCounted{modelPast{m.looks, m.infoOf(r)}, r.outcome})
	}
}

// latest are the texts of the run that finished last with one of the outcomes, all outcomes if
// there is none given: several, if they finished before the same look.
func (t *modelTally) latest(of ...gocron.Outcome) (texts []string) {
	look := -1
	for _, past := range slices.Backward(t.runs) {
		if len(of) > 0 && !slices.Contains(of, past.outcome) {
			continue
		}
		if look >= 0 && past.look != look {
			break
		}
		look = past.look
		texts = append(texts, past.text)
	}
	return texts
}
