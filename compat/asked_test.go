package compat

import (
	"fmt"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2/compat/internal/ours"
	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
	"github.com/gocron-fixed/gocron/v2/compat/internal/theirs"
)

// The hooks that are the last of a run, by how it ends.
var (
	performed = []string{"JobExecutionTime", "Unlock"}
	led       = []string{"JobExecutionTime"}
	refused   = []string{"JobFailed", "Unlock"}
	unlocked  = []string{"AfterLockError", "Monitor.IncrementJob skip"}
	skipped   = []string{"Monitor.IncrementJob skip"}
)

// scenes have each hook called, for runs of every kind and ending.
var scenes = []spec.Scene{
	{Name: "due", Steps: steps(spec.Wait, nil, spec.Due, performed, spec.Due, performed)},
	{Name: "on the leader", Elector: true, Steps: steps(spec.Wait, nil, spec.Due, led, spec.Due, led)},
	{Name: "no listeners before", NoBefore: true, NoRefusing: true, Steps: steps(spec.Wait, nil, spec.Due, performed, spec.Due, performed)},
	{Name: "BeforeJobRuns alone", NoRefusing: true, Steps: steps(spec.Wait, nil, spec.Due, performed, spec.Due, performed)},
	{Name: "immediately", Immediately: true, Steps: steps(spec.Wait, performed, spec.Due, performed)},
	{Name: "RunNow", Steps: steps(spec.Wait, nil, spec.RunNow, performed, spec.Due, performed, spec.RunNow, performed)},
	{Name: "fails", Fails: spec.Failed, Steps: steps(spec.Wait, nil, spec.Due, performed, spec.RunNow, performed)},
	{Name: "panics", Fails: spec.Panics, Steps: steps(spec.Wait, nil, spec.Due, performed, spec.RunNow, performed)},
	{Name: "refused", Fails: spec.Refused, Steps: steps(spec.Wait, nil, spec.Due, refused, spec.RunNow, refused, spec.Due, refused)},
	{Name: "no lock", Fails: spec.NoLock, Steps: steps(spec.Wait, nil, spec.Due, unlocked, spec.RunNow, unlocked, spec.Due, unlocked)},
	{Name: "not the leader", Fails: spec.NotLeader, Elector: true, Steps: steps(spec.Wait, nil, spec.Due, skipped, spec.RunNow, skipped, spec.Due, skipped)},
	{Name: "singleton", Singleton: true, Again: true, Steps: steps(spec.Wait, nil, spec.Due, append(performed, "Monitor.IncrementJob singleton_rescheduled"), spec.Due, performed)},
	{Name: "limit", Limit: true, Again: true, Steps: steps(spec.Wait, nil, spec.Due, performed, spec.Due, performed)},
	{Name: "removed", Steps: steps(spec.Wait, nil, spec.Due, performed, spec.Remove, []string{"JobUnregistered"})},
	{Name: "stopped", Steps: steps(spec.Wait, nil, spec.Due, performed, spec.StopJobs, []string{"SchedulerStopped"})},
	{Name: "shut down", Steps: steps(spec.Wait, nil, spec.Due, performed, spec.Shutdown, []string{"SchedulerStopped", "SchedulerShutdown"})},
}

// steps pairs what is done with the hooks that are waited for.
func steps(all ...any) (out []spec.Step) {
	for i := 0; i < len(all); i += 2 {
		until, _ := all[i+1].([]string)
		out = append(out, spec.Step{Do: all[i].(string), Until: until})
	}
	return out
}

// TestAskedInHooks asks a job's handle for everything in every hook.
func TestAskedInHooks(t *testing.T) {
	total := &tally{hits: map[string]int{}}
	t.Run("scenes", func(t *testing.T) {
		for _, scene := range scenes {
			t.Run(scene.Name, func(t *testing.T) {
				t.Parallel() // they wait for the other scheduler most of the time
				found := compareAnswers(t, scene, 2*time.Millisecond)
				if len(found.surprises) > 0 {
					found = compareAnswers(t, scene, 40*time.Millisecond)
				}
				for _, s := range found.surprises {
					t.Error(s)
				}
				total.add(found)
			})
		}
	})
	if t.Failed() {
		return // a part of the scenes may have been left out
	}
	t.Logf("%6d the same", total.same)
	for _, d := range answerDifferences {
		t.Logf("%6d %s: %s", total.hits[d.name], d.name, d.reason)
		if total.hits[d.name] == 0 {
			t.Errorf("no answer fell in the row %q", d.name)
		}
	}
}

// A tally counts what was found.
type tally struct {
	mu        sync.Mutex
	same      int
	hits      map[string]int // of the rows of the table
	surprises []string       // what is in none
}

func (n *tally) add(more *tally) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.same += more.same
	for name, hits := range more.hits {
		n.hits[name] += hits
	}
}

func (n *tally) surprise(format string, args ...any) {
	n.surprises = append(n.surprises, fmt.Sprintf(format, args...))
}

// compareAnswers plays a scene on both.
func compareAnswers(t *testing.T, scene spec.Scene, pause time.Duration) *tally {
	mine, err := ours.Ask(scene, pause)
	if err != nil {
		t.Fatalf("ours: %v", err)
	}
	others, err := theirs.Ask(scene, pause)
	if err != nil {
		t.Fatalf("theirs: %v", err)
	}
	found := &tally{hits: map[string]int{}}
	theirAnswers := byMoment(others)
	for at, answer := range byMoment(mine) {
		other, called := theirAnswers[at]
		if !called {
			found.surprise("%s: not called by the other side", at)
			continue
		}
		delete(theirAnswers, at)
		found.compare(at, scene, answer, other)
	}
	for at, other := range theirAnswers {
		if other.Hook == "JobSchedulingDelay" && scene.Steps[other.Step-1].Do == spec.RunNow {
			found.hits["delay of a RunNow"]++
			continue
		}
		found.surprise("%s: not called by this side", at)
	}
	sort.Strings(found.surprises)
	return found
}

// compare looks at all that was said at one moment.
func (n *tally) compare(at string, scene spec.Scene, mine, other spec.Answer) {
	for question, said := range mine.Said {
		a := asked{scene, mine.Hook, question, other.Said[question], said}
		switch row := a.row(); {
		case a.theirs == a.ours:
			n.same++
		case row == "":
			n.surprise("%s, %s: theirs %s, ours %s", at, question, a.theirs, a.ours)
		default:
			n.hits[row]++
		}
	}
	if want := contractNext(scene, mine); want != "" && want != mine.Said["NextRun"] {
		n.surprise("%s: NextRun is %s, the contract wants %s", at, mine.Said["NextRun"], want)
	}
}

func byMoment(all []spec.Answer) map[string]spec.Answer {
	out := map[string]spec.Answer{}
	for _, a := range all {
		at := fmt.Sprintf("step %d, %s", a.Step, a.Hook)
		for i := 2; ; i++ {
			if _, taken := out[at]; !taken {
				break
			}
			at = fmt.Sprintf("step %d, %s, call %d", a.Step, a.Hook, i)
		}
		out[at] = a
	}
	return out
}

// contractNext is what NextRun says in a hook, "" where nothing is promised: the time of
// the run in the listeners before it, and the time after that in all other hooks.
func contractNext(scene spec.Scene, a spec.Answer) string {
	due := time.Duration(0) // of the step's run
	for i := 0; i < a.Step; i++ {
		if scene.Steps[i].Do == spec.Due {
			due += time.Hour
		}
	}
	switch {
	case a.Said == nil || a.Step == 0 || strings.HasPrefix(a.Hook, "Scheduler") && a.Hook != "SchedulerStarted" || a.Hook == "JobUnregistered":
		return ""
	case scene.Steps[a.Step-1].Do == spec.RunNow || !beforeTask(scene, a.Hook):
		return (due + time.Hour).String()
	default:
		return due.String()
	}
}

// beforeTask tells whether a hook is called while the listeners before a run are.
func beforeTask(scene spec.Scene, hook string) bool {
	switch hook {
	case "BeforeJobRuns", "BeforeJobRunsSkipIfBeforeFuncErrors":
		return true
	case "JobStarted", "JobSchedulingDelay":
		return !scene.NoRefusing
	}
	return false
}

// asked is a question that the two sides were asked in one hook.
type asked struct {
	scene                        spec.Scene
	hook, question, theirs, ours string
}

func (a asked) row() string {
	for _, d := range answerDifferences {
		if d.when(a) {
			return d.name
		}
	}
	return ""
}

func (a asked) about(questions ...string) bool { return contains(questions, a.question) }

func (a asked) in(hooks ...string) bool { return contains(hooks, a.hook) }

// answerDifferences are the ways in which the answers are meant to differ.
var answerDifferences = []struct {
	name, reason string
	when         func(asked) bool
}{
	{
		name:   "busy",
		reason: "getters answer at once in every hook; gocron's give up after a second where its scheduler waits for the hook",
		when: func(a asked) bool {
			return strings.HasPrefix(a.theirs, "error: gocron: scheduler did not respond in time")
		},
	},
	{
		name:   "delay of a RunNow",
		reason: "a RunNow has no scheduled time, so JobSchedulingDelay is not called",
		when:   func(asked) bool { return false }, // it has no answers
	},
	{
		name:   "NextRun before the task",
		reason: "the next time is booked when a run falls due; only in the listeners before the run NextRun is its own time",
		when: func(a asked) bool {
			return a.about("NextRun", "NextRuns") && !beforeTask(a.scene, a.hook) &&
				a.in("Lock", "IsLeader", "AfterLockError", "Monitor.IncrementJob skip", "JobStarted", "JobSchedulingDelay", "JobRunning")
		},
	},
	{
		name:   "running in JobRunning",
		reason: "a run has started and is in progress when JobRunning is told so",
		when: func(a asked) bool {
			return a.in("JobRunning") && (a.about("LastRun", "LastRunStartedAt") || a.about("IsRunning") && a.ours == "true")
		},
	},
	{
		name:   "immediate run in SchedulerStarted",
		reason: "the immediate run is made at once at Start, so NextRun is the time after it already",
		when: func(a asked) bool {
			return a.about("NextRun", "NextRuns") && a.in("SchedulerStarted") && a.scene.Immediately
		},
	},
	{
		name:   "real time",
		reason: "an injected clock is the source of all times",
		when:   func(a asked) bool { return a.about("LastRunCompletedAt") && a.theirs == "by the real clock" },
	},
}
