package hooks_test

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// numbered are two listeners of every kind.
func numbered(h *rig.Recorder, set string) []gocron.EventListener {
	var all []gocron.EventListener
	for _, n := range []string{"1", "2"} {
		n := set + n
		all = append(all,
			gocron.BeforeJobRuns(func(uuid.UUID, string) { h.Note("Before%s", n) }),
			gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { h.Note("Skip%s", n); return h.RefuseErr }),
			gocron.AfterJobRuns(func(uuid.UUID, string) { h.Note("After%s", n) }),
			gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { h.Note("Error%s", n) }),
			gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) { h.Note("Panic%s", n) }),
			gocron.AfterLockError(func(uuid.UUID, string, error) { h.Note("LockError%s", n) }))
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
		"error":      {func() error { return rig.ErrHook }, nil, "Before1, Before2, Skip1, Skip2, Error1, Error2"},
		"panic":      {func() { panic(1) }, nil, "Before1, Before2, Skip1, Skip2, Panic1, Panic2, Error1, Error2"},
		"lock error": {func() {}, rig.ErrHook, "LockError1, LockError2"},
	} {
		t.Run(name, func(t *testing.T) {
			h := &rig.Recorder{T: t, LockErr: tt.lock}
			r := rig.New(t, gocron.WithDistributedLocker(h))
			r.Job(gocron.DurationJob(time.Hour), tt.task, gocron.WithName("j"), gocron.WithEventListeners(numbered(h, "")...))
			r.Start()
			r.Advance(time.Hour)
			var calls []string
			for _, call := range h.Take() {
				if call != "Lock j" && call != "Unlock <nil>" {
					calls = append(calls, call)
				}
			}
			h.Calls = calls
			h.Expect(tt.want)
		})
	}
}

func TestHooksFirstRefusalSkipsTheRun(t *testing.T) {
	h := &rig.Recorder{T: t, RefuseErr: rig.ErrHook}
	r := rig.New(t)
	j := r.Job(gocron.DurationJob(time.Hour), func() { h.Note("task") }, gocron.WithEventListeners(numbered(h, "")...), gocron.WithLimitedRuns(1))
	r.Start()
	r.Advance(time.Hour)
	require.NotContains(t, h.Take(), "task")
	require.Equal(t, rig.Now.Add(2*time.Hour), rig.NextOf(t, j), "it uses up no limited run")
	h.RefuseErr = nil
	r.Advance(time.Hour)
	require.Contains(t, h.Take(), "task")
	require.Empty(t, r.Scheduler.Jobs())
}

func TestHooksLaterListenersReplaceTheKindsTheyName(t *testing.T) {
	one := func(h *rig.Recorder, kinds ...string) gocron.JobOption {
		var all []gocron.EventListener
		for _, kind := range kinds {
			kind := kind
			switch kind[0] {
			case 'B':
				all = append(all, gocron.BeforeJobRuns(func(uuid.UUID, string) { h.Note(kind) }))
			case 'S':
				all = append(all, gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { h.Note(kind); return nil }))
			case 'A':
				all = append(all, gocron.AfterJobRuns(func(uuid.UUID, string) { h.Note(kind) }))
			}
		}
		return gocron.WithEventListeners(all...)
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
			h := &rig.Recorder{T: t}
			var global, own []gocron.JobOption
			for _, kinds := range tt.global {
				global = append(global, one(h, kinds...))
			}
			for _, kinds := range tt.own {
				own = append(own, one(h, kinds...))
			}
			r := rig.New(t, gocron.WithGlobalJobOptions(global...))
			r.Job(gocron.DurationJob(time.Hour), func() {}, own...)
			r.Start()
			r.Advance(time.Hour)
			h.Expect(tt.want)
		})
	}
}

func TestHooksGlobalListenersStayWithTheOtherJobs(t *testing.T) {
	h := &rig.Recorder{T: t}
	note := func(call string) gocron.EventListener {
		return gocron.BeforeJobRuns(func(uuid.UUID, string) { h.Note(call) })
	}
	r := rig.New(t, gocron.WithGlobalJobOptions(gocron.WithEventListeners(note("global"))))
	r.Job(gocron.DurationJob(2*time.Hour), func() {}, gocron.WithEventListeners(note("own")))
	r.Job(gocron.DurationJob(time.Hour), func() {})
	r.Start()
	r.Advance(time.Hour)
	h.Expect("global")
}

func TestHooksNilListenerIsRefused(t *testing.T) {
	r := rig.New(t)
	for name, listener := range map[string]gocron.EventListener{
		"before":     gocron.BeforeJobRuns(nil),
		"skip":       gocron.BeforeJobRunsSkipIfBeforeFuncErrors(nil),
		"after":      gocron.AfterJobRuns(nil),
		"error":      gocron.AfterJobRunsWithError(nil),
		"panic":      gocron.AfterJobRunsWithPanic(nil),
		"lock error": gocron.AfterLockError(nil),
	} {
		good := gocron.AfterJobRuns(func(uuid.UUID, string) {})
		_, err := r.Scheduler.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() {}), gocron.WithEventListeners(good, listener))
		require.Equal(t, gocron.ErrEventListenerFuncNil, err, name)
	}
	require.Empty(t, r.Scheduler.Jobs())
}

func TestHooksListenersGetTheIDAndNameOfTheJob(t *testing.T) {
	r := rig.New(t)
	ids := map[string]uuid.UUID{}
	see := func(kind string) func(uuid.UUID, string) {
		return func(id uuid.UUID, name string) { ids[kind+" "+name] = id }
	}
	j := r.Job(gocron.DurationJob(time.Hour), func() error { return errors.New("no") }, gocron.WithName("n"), gocron.WithEventListeners(
		gocron.BeforeJobRuns(see("before")),
		gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(id uuid.UUID, name string) error { see("skip")(id, name); return nil }),
		gocron.AfterJobRunsWithError(func(id uuid.UUID, name string, _ error) { see("error")(id, name) })))
	r.Start()
	r.Advance(time.Hour)
	require.Equal(t, map[string]uuid.UUID{"before n": j.ID(), "skip n": j.ID(), "error n": j.ID()}, ids)
}

func TestHooksGoexitInAListenerEndsThatRunAlone(t *testing.T) {
	exit := func() { runtime.Goexit() }
	for name, listener := range map[string]gocron.EventListener{
		"before": gocron.BeforeJobRuns(func(uuid.UUID, string) { exit() }),
		"skip":   gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { exit(); return nil }),
		"after":  gocron.AfterJobRuns(func(uuid.UUID, string) { exit() }),
	} {
		t.Run(name, func(t *testing.T) {
			h := &rig.Recorder{T: t}
			r := rig.New(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithDistributedLocker(h))
			j := r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("j"), gocron.WithEventListeners(listener), gocron.WithSingletonMode(gocron.LimitModeWait))
			_, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithDisabledDistributedJobLocker(true))
			r.Start()
			r.Walk(3 * time.Hour)
			require.Equal(t, 3, log.Len())
			require.Equal(t, rig.Now.Add(4*time.Hour), rig.NextOf(t, j))
			require.False(t, rig.ReportOf(t, j).Running)
			h.Expect("Lock j, Unlock <nil>, Lock j, Unlock <nil>, Lock j, Unlock <nil>")
		})
	}
}
