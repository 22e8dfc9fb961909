package gocron

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// numbered are two listeners of every kind.
func numbered(h *hookRecorder, set string) []EventListener {
	var all []EventListener
	for _, n := range []string{"1", "2"} {
		n := set + n
		all = append(all,
			BeforeJobRuns(func(uuid.UUID, string) { h.note("Before%s", n) }),
			BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { h.note("Skip%s", n); return h.refuse }),
			AfterJobRuns(func(uuid.UUID, string) { h.note("After%s", n) }),
			AfterJobRunsWithError(func(uuid.UUID, string, error) { h.note("Error%s", n) }),
			AfterJobRunsWithPanic(func(uuid.UUID, string, any) { h.note("Panic%s", n) }),
			AfterLockError(func(uuid.UUID, string, error) { h.note("LockError%s", n) }))
	}
	return all
}

func TestHooksSeveralListenersInOneCallAllRunInOrder(t *testing.T) {
	for name, tt := range map[string]struct {
		task any
		lock error
		want string
	}{
		"ok":         {func() {}, nil, "Before1, Before2, Skip1, Skip2, After1, After2"},
		"error":      {func() error { return errHook }, nil, "Before1, Before2, Skip1, Skip2, Error1, Error2"},
		"panic":      {func() { panic(1) }, nil, "Before1, Before2, Skip1, Skip2, Panic1, Panic2, Error1, Error2"},
		"lock error": {func() {}, errHook, "LockError1, LockError2"},
	} {
		t.Run(name, func(t *testing.T) {
			h := &hookRecorder{t: t, lock: tt.lock}
			r := newRig(t, WithDistributedLocker(h))
			r.job(DurationJob(time.Hour), tt.task, WithName("j"), WithEventListeners(numbered(h, "")...))
			r.start()
			r.advance(time.Hour)
			var calls []string
			for _, call := range h.take() {
				if call != "Lock j" && call != "Unlock <nil>" {
					calls = append(calls, call)
				}
			}
			h.calls = calls
			h.expect(tt.want)
		})
	}
}

func TestHooksFirstRefusalSkipsTheRun(t *testing.T) {
	h := &hookRecorder{t: t, refuse: errHook}
	r := newRig(t)
	j := r.job(DurationJob(time.Hour), func() { h.note("task") }, WithEventListeners(numbered(h, "")...), WithLimitedRuns(1))
	r.start()
	r.advance(time.Hour)
	require.NotContains(t, h.take(), "task")
	require.Equal(t, rigNow.Add(2*time.Hour), nextOf(t, j), "it uses up no limited run")
	h.refuse = nil
	r.advance(time.Hour)
	require.Contains(t, h.take(), "task")
	require.Empty(t, r.s.Jobs())
}

func TestHooksLaterListenersReplaceTheKindsTheyName(t *testing.T) {
	one := func(h *hookRecorder, kinds ...string) JobOption {
		var all []EventListener
		for _, kind := range kinds {
			kind := kind
			switch kind[0] {
			case 'B':
				all = append(all, BeforeJobRuns(func(uuid.UUID, string) { h.note(kind) }))
			case 'S':
				all = append(all, BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { h.note(kind); return nil }))
			case 'A':
				all = append(all, AfterJobRuns(func(uuid.UUID, string) { h.note(kind) }))
			}
		}
		return WithEventListeners(all...)
	}
	for name, tt := range map[string]struct {
		global, own [][]string
		want        string
	}{
		"a later call":                {nil, [][]string{{"B1", "S1", "A1"}, {"B2"}}, "B2, S1, A1"},
		"of the same kind, all":       {nil, [][]string{{"B1", "B2", "A1"}, {"B3", "B4"}}, "B3, B4, A1"},
		"of another kind":             {nil, [][]string{{"B1"}, {"A1"}}, "B1, A1"},
		"the job's own over a global": {[][]string{{"B1", "S1", "A1"}}, [][]string{{"A2"}}, "B1, S1, A2"},
		"a later global":              {[][]string{{"B1", "A1"}, {"B2"}}, nil, "B2, A1"},
		"an empty call":               {[][]string{{"B1", "A1"}}, [][]string{{}}, "B1, A1"},
	} {
		t.Run(name, func(t *testing.T) {
			h := &hookRecorder{t: t}
			var global, own []JobOption
			for _, kinds := range tt.global {
				global = append(global, one(h, kinds...))
			}
			for _, kinds := range tt.own {
				own = append(own, one(h, kinds...))
			}
			r := newRig(t, WithGlobalJobOptions(global...))
			r.job(DurationJob(time.Hour), func() {}, own...)
			r.start()
			r.advance(time.Hour)
			h.expect(tt.want)
		})
	}
}

func TestHooksGlobalListenersStayWithTheOtherJobs(t *testing.T) {
	h := &hookRecorder{t: t}
	note := func(call string) EventListener { return BeforeJobRuns(func(uuid.UUID, string) { h.note(call) }) }
	r := newRig(t, WithGlobalJobOptions(WithEventListeners(note("global"))))
	r.job(DurationJob(2*time.Hour), func() {}, WithEventListeners(note("own")))
	r.job(DurationJob(time.Hour), func() {})
	r.start()
	r.advance(time.Hour)
	h.expect("global")
}

func TestHooksNilListenerIsRefused(t *testing.T) {
	r := newRig(t)
	for name, listener := range map[string]EventListener{
		"before":     BeforeJobRuns(nil),
		"skip":       BeforeJobRunsSkipIfBeforeFuncErrors(nil),
		"after":      AfterJobRuns(nil),
		"error":      AfterJobRunsWithError(nil),
		"panic":      AfterJobRunsWithPanic(nil),
		"lock error": AfterLockError(nil),
	} {
		good := AfterJobRuns(func(uuid.UUID, string) {})
		_, err := r.s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithEventListeners(good, listener))
		require.Equal(t, ErrEventListenerFuncNil, err, name)
	}
	require.Empty(t, r.s.Jobs())
}

func TestHooksListenersGetTheIDAndNameOfTheJob(t *testing.T) {
	r := newRig(t)
	ids := map[string]uuid.UUID{}
	see := func(kind string) func(uuid.UUID, string) {
		return func(id uuid.UUID, name string) { ids[kind+" "+name] = id }
	}
	j := r.job(DurationJob(time.Hour), func() error { return errors.New("no") }, WithName("n"), WithEventListeners(
		BeforeJobRuns(see("before")),
		BeforeJobRunsSkipIfBeforeFuncErrors(func(id uuid.UUID, name string) error { see("skip")(id, name); return nil }),
		AfterJobRunsWithError(func(id uuid.UUID, name string, _ error) { see("error")(id, name) })))
	r.start()
	r.advance(time.Hour)
	require.Equal(t, map[string]uuid.UUID{"before n": j.ID(), "skip n": j.ID(), "error n": j.ID()}, ids)
}

func TestHooksGoexitInAListenerEndsThatRunAlone(t *testing.T) {
	exit := func() { runtime.Goexit() }
	for name, listener := range map[string]EventListener{
		"before": BeforeJobRuns(func(uuid.UUID, string) { exit() }),
		"skip":   BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { exit(); return nil }),
		"after":  AfterJobRuns(func(uuid.UUID, string) { exit() }),
	} {
		t.Run(name, func(t *testing.T) {
			h := &hookRecorder{t: t}
			r := newRig(t, WithLimitConcurrentJobs(1, LimitModeWait), WithDistributedLocker(h))
			j := r.job(DurationJob(time.Hour), func() {}, WithName("j"), WithEventListeners(listener), WithSingletonMode(LimitModeWait))
			_, log := r.logged(DurationJob(time.Hour), WithDisabledDistributedJobLocker(true))
			r.start()
			r.walk(3 * time.Hour)
			require.Equal(t, 3, log.len())
			require.Equal(t, rigNow.Add(4*time.Hour), nextOf(t, j))
			require.False(t, reportOf(t, j).running)
			h.expect("Lock j, Unlock <nil>, Lock j, Unlock <nil>, Lock j, Unlock <nil>")
		})
	}
}
