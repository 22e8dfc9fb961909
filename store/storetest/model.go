package storetest

import (
	"fmt"
	"math/rand"
	"reflect"
	"time"
)

func implements[T any](store Store) bool {
	_, ok := store.(T)
	return ok
}

func hasMethod(store Store, name string) bool {
	_, has := reflect.TypeOf(store).MethodByName(name)
	return has
}

type (
	runKey struct {
		run     string
		attempt int
	}
	jobKey struct{ job, fingerprint string }
)

// A model is a store in its plainest form. What it says goes.
type model struct {
	runs map[runKey]Row
	jobs map[jobKey]Job
}

// taken reports whether another run has the occurrence of r.
func (m *model) taken(r Row) bool {
	for _, other := range m.runs {
		if r.Occurrence && other.Occurrence && other.Job == r.Job && other.ScheduledAt.Equal(r.ScheduledAt) && other.Run != r.Run {
			return true
		}
	}
	return false
}

func (m *model) begin(r Row) bool {
	if m.taken(r) {
		return false
	}
	m.runs[runKey{r.Run, r.Attempt}] = r
	return true
}

func (m *model) write(runs []Row, jobs []Job) (refused []string) {
	for _, r := range runs {
		m.runs[runKey{r.Run, r.Attempt}] = r
	}
	for _, j := range jobs {
		key := jobKey{j.Job, j.Fingerprint}
		if m.jobs[key].Version != j.Version-1 {
			refused = append(refused, j.Job)
			continue
		}
		m.jobs[key] = j
	}
	return refused
}

func (m *model) load() (jobs []Job, runs []Row) {
	marks := map[string]time.Time{}
	for _, j := range m.jobs {
		jobs = append(jobs, j)
		if j.Mark.After(marks[j.Job]) {
			marks[j.Job] = j.Mark
		}
	}
	for _, r := range m.runs {
		last := r.ScheduledAt
		if r.Count > 1 {
			last = r.Until
		}
		open := !r.BegunAt.IsZero() && r.EndedAt.IsZero()
		if open || !r.RetryAt.IsZero() || r.Occurrence && last.After(marks[r.Job]) {
			runs = append(runs, r)
		}
	}
	return jobs, runs
}

// randomPrograms draws programs and compares the store with the model after every few steps.
func randomPrograms(w *world) {
	for seed := range int64(8) {
		p := &program{
			world: newWorld(w, w.kind), seed: seed, rand: rand.New(rand.NewSource(seed)),
			model: model{map[runKey]Row{}, map[jobKey]Job{}},
		}
		for p.step = range 150 {
			p.next()
		}
		p.compare()
	}
}

type program struct {
	*world
	model model
	rand  *rand.Rand
	seed  int64
	step  int
}

func (p *program) next() {
	switch n := p.rand.Intn(20); {
	case n < 9:
		r := p.row()
		want, got := p.model.begin(r), p.begin(r)
		if got != want {
			p.Fatalf("seed %d, step %d: Begin of %s: %v, want %v", p.seed, p.step, name(r), got, want)
		}
		if got {
			p.endRetries(r)
		}
	case n < 15:
		runs, jobs := p.batch()
		refused, err := p.store.Write(p.ctx(), runs, jobs)
		p.must(err)
		if want := p.model.write(runs, jobs); fmt.Sprint(refused) != fmt.Sprint(want) {
			p.Fatalf("seed %d, step %d: Write refused %q, want %q", p.seed, p.step, refused, want)
		}
	case n < 18:
		p.compare()
	case n < 19:
		p.crash()
	default:
		p.reopen()
	}
}

// endRetries clears RetryAt of the attempts before r, as the scheduler does. A store may have done so.
func (p *program) endRetries(r Row) {
	for key, earlier := range p.model.runs {
		if key.run == r.Run && key.attempt < r.Attempt && !earlier.RetryAt.IsZero() {
			earlier.RetryAt = time.Time{}
			p.model.runs[key] = earlier
			p.write(earlier)
		}
	}
}

// compare compares what Load hands out.
func (p *program) compare() {
	p.Helper()
	jobs, runs := p.model.load()
	p.wants(jobs, runs)
	if p.Failed() {
		p.Fatalf("seed %d, step %d", p.seed, p.step)
	}
}

// row draws a row. Its run tells its job and its time, which a run never changes.
func (p *program) row() Row {
	minute := p.rand.Intn(12)
	r := occurrence(string(rune('a'+p.rand.Intn(3))), minute)
	if rival := p.rand.Intn(3); rival > 0 {
		r.Run += fmt.Sprintf("-%d", rival)
		r.Occurrence = rival == 1
	}
	r.Attempt = 1 + p.rand.Intn(3)
	if p.rand.Intn(2) == 0 {
		r = ended(r, "failed")
		r.Error = fmt.Sprint("step ", p.step)
		if p.rand.Intn(2) == 0 {
			r.RetryAt = at(minute + 1)
		}
	}
	if p.rand.Intn(6) == 0 {
		r = uncalled(r, "skipped")
		if p.rand.Intn(2) == 0 {
			r.Count = 2 + p.rand.Intn(3)
			r.Until = at(minute + r.Count)
		}
	}
	return r
}

func (p *program) batch() (runs []Row, jobs []Job) {
	if r := p.row(); !p.model.taken(r) { // no scheduler writes what another run has
		runs = append(runs, r)
	}
	for range p.rand.Intn(3) {
		j := job(string(rune('a'+p.rand.Intn(3))), p.rand.Intn(12))
		j.Fingerprint = fmt.Sprint("f", p.rand.Intn(2))
		j.Version = p.model.jobs[jobKey{j.Job, j.Fingerprint}].Version + 1 + int64(p.rand.Intn(4)/3)
		jobs = append(jobs, j)
	}
	return runs, jobs
}
