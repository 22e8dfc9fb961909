package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

type (
	taskStruct     struct{ n int }
	taskContext    struct{ context.Context }
	taskSlice      []int
	taskInt        int
	taskFunc       func()
	taskPointer    *taskPointer
	taskTimeout    interface{ Timeout() bool }
	taskNilableErr []string
	taskValueErr   struct{ s string }
	taskPointerErr struct{ s string }
	taskMyContext  interface{ context.Context }
	taskDoner      interface{ Done() <-chan struct{} }
)

func (i taskInt) String() string       { return fmt.Sprintf("taskInt(%d)", int(i)) }
func (e taskNilableErr) Error() string { return strings.Join(e, ", ") }
func (e taskValueErr) Error() string   { return e.s }
func (e *taskPointerErr) Error() string {
	if e == nil {
		return "nil"
	}
	return e.s
}

func namedTask() {}

type taskContextKey struct{}

// contextNamed returns a context that shows as name in what a test task reports.
func contextNamed(name string) context.Context {
	return context.WithValue(context.Background(), taskContextKey{}, name)
}

func contextName(ctx context.Context) any {
	return ctx.Value(taskContextKey{})
}

func paramsOf(v ...any) []any { return v }

// A taskRig makes jobs of tasks, whose runs have a context of the job's own, and runs them.
type taskRig struct {
	t testing.TB
	s gocron.Scheduler
	c *gocron.Controller
}

func newTaskRig(t testing.TB) taskRig {
	s := rig.NewScheduler(t)
	s.Start()
	return taskRig{t, s, gocron.NewController(s)}
}

func (r taskRig) add(task gocron.Task) (gocron.Job, error) {
	return r.s.NewJob(rig.Ages(), task, gocron.WithContext(contextNamed("job")))
}

func (r taskRig) mustAdd(task gocron.Task) gocron.Job {
	r.t.Helper()
	j, err := r.add(task)
	require.NoError(r.t, err)
	return j
}

// run is the error of a run of the job.
func (r taskRig) run(j gocron.Job) error {
	r.t.Helper()
	info, err := r.c.RunAndWait(context.Background(), j.ID())
	require.NoError(r.t, err)
	return info.Err
}

// TestTaskAccepted calls every function with what is given; the functions
// report what they were called with.
func TestTaskAccepted(t *testing.T) {
	r := newTaskRig(t)
	var got []any
	report := func(v ...any) { got = append([]any{"called"}, v...) }
	plain := func() { report() }
	given := contextNamed("given")
	ptr, ch := new(int), make(chan int)

	for _, tt := range []struct {
		name       string
		function   any
		parameters []any
		want       []any
	}{
		{"func()", plain, nil, nil},
		{"named func()", taskFunc(plain), nil, nil},
		{"pointer to func()", &plain, nil, nil},
		{"func() error", func() error { report(); return nil }, nil, nil},
		{"func() int", func() int { report(); return 1 }, nil, nil},
		{"method expression", (*taskReceiver).report, paramsOf(&taskReceiver{report}, 1), paramsOf(1)},
		{"method value", (&taskReceiver{report}).report, paramsOf(1), paramsOf(1)},

		{"context", func(ctx context.Context) { report(contextName(ctx)) }, nil, paramsOf("job")},
		{"context, error", func(ctx context.Context) error { report(contextName(ctx)); return nil }, nil, paramsOf("job")},
		{"context, int", func(ctx context.Context) int { report(contextName(ctx)); return 1 }, nil, paramsOf("job")},
		{"context given", func(ctx context.Context) { report(contextName(ctx)) }, paramsOf(given), paramsOf("given")},
		{"context given, error", func(ctx context.Context) error { report(contextName(ctx)); return nil }, paramsOf(given), paramsOf("given")},
		{"context given, int", func(ctx context.Context) int { report(contextName(ctx)); return 1 }, paramsOf(given), paramsOf("given")},
		{"context given as struct", func(ctx context.Context) { report(contextName(ctx)) }, paramsOf(taskContext{given}), paramsOf("given")},
		{"context given as typed nil", func(ctx context.Context) { report(ctx) }, paramsOf((*taskContext)(nil)), paramsOf((*taskContext)(nil))},
		{"context and value", func(ctx context.Context, i int) { report(contextName(ctx), i) }, paramsOf(1), paramsOf("job", 1)},
		{"context given and value", func(ctx context.Context, i int) { report(contextName(ctx), i) }, paramsOf(given, 1), paramsOf("given", 1)},
		{"context and nil", func(ctx context.Context, v any) { report(contextName(ctx), v) }, paramsOf(nil), paramsOf("job", nil)},
		{"two contexts given", func(a, b context.Context) { report(contextName(a), contextName(b)) }, paramsOf(given, contextNamed("2")), paramsOf("given", "2")},
		{"two contexts, nil", func(a, b context.Context) { report(contextName(a), b) }, paramsOf(nil), paramsOf("job", nil)},
		{"context last", func(i int, ctx context.Context) { report(i, contextName(ctx)) }, paramsOf(1, given), paramsOf(1, "given")},
		{"other context interface", func(ctx taskMyContext) { report(contextName(ctx)) }, paramsOf(given), paramsOf("given")},
		{"part of a context", func(ctx taskDoner) { report(ctx) }, paramsOf(given), paramsOf(given)},
		{"struct that is a context", func(ctx taskContext) { report(contextName(ctx)) }, paramsOf(taskContext{given}), paramsOf("given")},

		{"any", func(v any) { report(v) }, paramsOf(1), paramsOf(1)},
		{"any, nil", func(v any) { report(v) }, paramsOf(nil), paramsOf(nil)},
		{"Stringer", func(v fmt.Stringer) { report(v) }, paramsOf(taskInt(1)), paramsOf(taskInt(1))},
		{"error", func(v error) { report(v) }, paramsOf(taskValueErr{"x"}), paramsOf(taskValueErr{"x"})},
		{"pointer", func(v *int) { report(v == ptr) }, paramsOf(ptr), paramsOf(true)},
		{"pointer, nil", func(v *int) { report(v) }, paramsOf(nil), paramsOf((*int)(nil))},
		{"pointer, typed nil", func(v *int) { report(v) }, paramsOf((*int)(nil)), paramsOf((*int)(nil))},
		{"unsafe pointer, nil", func(v unsafe.Pointer) { report(v) }, paramsOf(nil), paramsOf(unsafe.Pointer(nil))},
		{"map, nil", func(v map[string]int) { report(v) }, paramsOf(nil), paramsOf(map[string]int(nil))},
		{"slice", func(v []int) { report(v) }, paramsOf([]int{1}), paramsOf([]int{1})},
		{"slice, nil", func(v []int) { report(v) }, paramsOf(nil), paramsOf([]int(nil))},
		{"slice of a named type", func(v []int) { report(v) }, paramsOf(taskSlice{1}), paramsOf([]int{1})},
		{"array", func(v [2]int) { report(v) }, paramsOf([2]int{1, 2}), paramsOf([2]int{1, 2})},
		{"struct", func(v taskStruct) { report(v) }, paramsOf(taskStruct{1}), paramsOf(taskStruct{1})},
		{"chan of one direction", func(v <-chan int) { report(v == ch) }, paramsOf(ch), paramsOf(true)},
		{"func", func(v func()) { v() }, paramsOf(plain), nil},
		{"func of a named type", func(v taskFunc) { v() }, paramsOf(plain), nil},
		{"func, nil", func(v func()) { report(v == nil) }, paramsOf(nil), paramsOf(true)},
		{"duration", func(v time.Duration) { report(v) }, paramsOf(time.Second), paramsOf(time.Second)},

		{"variadic, none", func(v ...int) { report(v) }, nil, paramsOf([]int{})},
		{"variadic, one", func(v ...int) { report(v) }, paramsOf(1), paramsOf([]int{1})},
		{"variadic, three", func(v ...int) { report(v) }, paramsOf(1, 2, 3), paramsOf([]int{1, 2, 3})},
		{"variadic after value, none", func(i int, v ...string) { report(i, v) }, paramsOf(1), paramsOf(1, []string{})},
		{"variadic after value, two", func(i int, v ...string) { report(i, v) }, paramsOf(1, "a", "b"), paramsOf(1, []string{"a", "b"})},
		{"variadic any, nil", func(v ...any) { report(v) }, paramsOf(nil), paramsOf([]any{nil})},
		{"variadic any, slice", func(v ...any) { report(v) }, paramsOf([]any{1, 2}), paramsOf([]any{[]any{1, 2}})},
		{"variadic slices", func(v ...[]int) { report(v) }, paramsOf([]int{1, 2}), paramsOf([][]int{{1, 2}})},
		{"variadic after context, none", func(ctx context.Context, v ...int) { report(contextName(ctx), v) }, nil, paramsOf("job", []int{})},
		{"variadic after context, two", func(ctx context.Context, v ...int) { report(contextName(ctx), v) }, paramsOf(1, 2), paramsOf("job", []int{1, 2})},
		{"variadic after context given", func(ctx context.Context, v ...int) { report(contextName(ctx), v) }, paramsOf(given), paramsOf("given", []int{})},
		{"variadic contexts, none", func(v ...context.Context) { report(len(v)) }, nil, paramsOf(0)},
		{"variadic contexts, one", func(v ...context.Context) { report(contextName(v[0])) }, paramsOf(given), paramsOf("given")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got = nil
			require.NoError(t, r.run(r.mustAdd(gocron.NewTask(tt.function, tt.parameters...))))
			require.Equal(t, append([]any{"called"}, tt.want...), got)
		})
	}
}

type taskReceiver struct{ to func(...any) }

func (r *taskReceiver) report(i int) { r.to(i) }

func TestTaskRefused(t *testing.T) {
	r := newTaskRig(t)
	notCalled := func() { t.Error("called") }
	var nilFunc func()
	var nilPointer *func()
	var cyclic taskPointer
	cyclic = &cyclic
	pointer := &notCalled
	var inInterface any = notCalled

	for _, tt := range []struct {
		name       string
		function   any
		parameters []any
		want       error
	}{
		{"nil", nil, nil, gocron.ErrNewJobTaskNotFunc},
		{"nil with parameters", nil, paramsOf(1), gocron.ErrNewJobTaskNotFunc},
		{"int", 1, nil, gocron.ErrNewJobTaskNotFunc},
		{"pointer to int", new(int), nil, gocron.ErrNewJobTaskNotFunc},
		{"nil func", nilFunc, nil, gocron.ErrNewJobTaskNotFunc},
		{"nil func with parameters", nilFunc, paramsOf(1), gocron.ErrNewJobTaskNotFunc},
		{"nil pointer to func", nilPointer, nil, gocron.ErrNewJobTaskNotFunc},
		{"pointer to nil func", &nilFunc, nil, gocron.ErrNewJobTaskNotFunc},
		{"pointer to pointer to func", &pointer, nil, gocron.ErrNewJobTaskNotFunc},
		{"pointer to nil pointer to func", &nilPointer, nil, gocron.ErrNewJobTaskNotFunc},
		{"pointer to func in an interface", &inInterface, nil, gocron.ErrNewJobTaskNotFunc},
		{"pointer to itself", cyclic, nil, gocron.ErrNewJobTaskNotFunc},

		{"too many", notCalled, paramsOf(1), gocron.ErrNewJobWrongNumberOfParameters},
		{"too many, nil", notCalled, paramsOf(nil), gocron.ErrNewJobWrongNumberOfParameters},
		{"too many behind a pointer", &notCalled, paramsOf(1), gocron.ErrNewJobWrongNumberOfParameters},
		{"too few", func(int, string) {}, paramsOf(1), gocron.ErrNewJobWrongNumberOfParameters},
		{"number before type", func(int, string) {}, paramsOf("x"), gocron.ErrNewJobWrongNumberOfParameters},
		{"none before variadic", func(int, ...string) {}, nil, gocron.ErrNewJobWrongNumberOfParameters},
		{"none after context", func(context.Context, int) {}, nil, gocron.ErrNewJobWrongNumberOfParameters},
		{"none after context given", func(context.Context, int) {}, paramsOf(context.Background()), gocron.ErrNewJobWrongNumberOfParameters},
		{"nil is no context", func(context.Context) {}, paramsOf(nil), gocron.ErrNewJobWrongNumberOfParameters},
		{"nil is no context, before value", func(context.Context, int) {}, paramsOf(nil, 1), gocron.ErrNewJobWrongNumberOfParameters},
		{"none before variadic, after context", func(context.Context, int, ...int) {}, nil, gocron.ErrNewJobWrongNumberOfParameters},
		{"second context", func(_, _ context.Context) {}, nil, gocron.ErrNewJobWrongNumberOfParameters},
		{"other context interface", func(taskMyContext) {}, nil, gocron.ErrNewJobWrongNumberOfParameters},
		{"any", func(any) {}, nil, gocron.ErrNewJobWrongNumberOfParameters},

		{"string for int", func(int) {}, paramsOf("x"), gocron.ErrNewJobWrongTypeOfParameters},
		{"int for int64", func(int64) {}, paramsOf(1), gocron.ErrNewJobWrongTypeOfParameters},
		{"int64 for duration", func(time.Duration) {}, paramsOf(int64(1)), gocron.ErrNewJobWrongTypeOfParameters},
		{"int for context", func(context.Context, int) {}, paramsOf("x"), gocron.ErrNewJobWrongTypeOfParameters},
		{"nil for int", func(int) {}, paramsOf(nil), gocron.ErrNewJobWrongTypeOfParameters},
		{"nil for struct", func(taskStruct) {}, paramsOf(nil), gocron.ErrNewJobWrongTypeOfParameters},
		{"nil for array", func([2]int) {}, paramsOf(nil), gocron.ErrNewJobWrongTypeOfParameters},
		{"other struct", func(taskStruct) {}, paramsOf(taskValueErr{}), gocron.ErrNewJobWrongTypeOfParameters},
		{"other pointer", func(*taskStruct) {}, paramsOf(&taskValueErr{}), gocron.ErrNewJobWrongTypeOfParameters},
		{"pointer for value", func(taskStruct) {}, paramsOf(&taskStruct{}), gocron.ErrNewJobWrongTypeOfParameters},
		{"value for pointer", func(*taskStruct) {}, paramsOf(taskStruct{}), gocron.ErrNewJobWrongTypeOfParameters},
		{"not implementing", func(error) {}, paramsOf(taskStruct{}), gocron.ErrNewJobWrongTypeOfParameters},
		{"other slice", func([]int) {}, paramsOf([]string{"x"}), gocron.ErrNewJobWrongTypeOfParameters},
		{"slice for array", func([1]int) {}, paramsOf([]int{1}), gocron.ErrNewJobWrongTypeOfParameters},
		{"chan of the other direction", func(chan int) {}, paramsOf((<-chan int)(nil)), gocron.ErrNewJobWrongTypeOfParameters},
		{"context for its struct", func(taskContext) {}, paramsOf(context.Background()), gocron.ErrNewJobWrongTypeOfParameters},
		{"variadic, slice", func(...int) {}, paramsOf([]int{1}), gocron.ErrNewJobWrongTypeOfParameters},
		{"variadic, second", func(...int) {}, paramsOf(1, "x"), gocron.ErrNewJobWrongTypeOfParameters},
		{"variadic, nil", func(...int) {}, paramsOf(nil), gocron.ErrNewJobWrongTypeOfParameters},
		{"before variadic", func(int, ...string) {}, paramsOf("x", "y"), gocron.ErrNewJobWrongTypeOfParameters},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j, err := r.add(gocron.NewTask(tt.function, tt.parameters...))
			require.ErrorIs(t, err, tt.want)
			require.Nil(t, j)
		})
	}

	_, err := r.add(nil)
	require.True(t, err == gocron.ErrNewJobTaskNil)
}

func TestTaskResults(t *testing.T) {
	r := newTaskRig(t)
	one, two := errors.New("one"), errors.New("two")
	var nilPointer *taskPointerErr
	pointer := &taskPointerErr{"pointer"}

	for _, tt := range []struct {
		name     string
		function any
		want     error
	}{
		{"no error", func() error { return nil }, nil},
		{"error", func() error { return one }, one},
		{"error after context", func(context.Context) error { return one }, one},
		{"error last", func() (int, error) { return 1, one }, one},
		//lint:ignore ST1008 an error counts in any position
		{"error first", func() (error, int) { return one, 1 }, one},
		{"first of two", func() (error, error) { return one, two }, one},
		{"second of two", func() (error, error) { return nil, two }, two},
		{"wider interface", func() taskNetError { return taskNet{} }, taskNet{}},
		{"wider interface, nil", func() taskNetError { return nil }, nil},
		{"interface without Error", func() taskTimeout { return taskNet{} }, taskNet{}},
		{"any", func() any { return one }, one},
		{"any, nil", func() any { return nil }, nil},
		{"any, no error", func() any { return 1 }, nil},
		{"value", func() taskValueErr { return taskValueErr{"v"} }, taskValueErr{"v"}},
		{"zero value", func() taskValueErr { return taskValueErr{} }, taskValueErr{}},
		{"value whose pointer is an error", func() taskPointerErr { return *pointer }, nil},
		{"pointer", func() *taskPointerErr { return pointer }, pointer},
		{"nil pointer", func() *taskPointerErr { return nil }, nil},
		{"nil pointer, error", func() (*taskPointerErr, error) { return nil, one }, one},
		{"nil slice", func() taskNilableErr { return nil }, nil},
		{"empty slice", func() taskNilableErr { return taskNilableErr{} }, taskNilableErr{}},
		{"nil pointer in error", func() error { return nilPointer }, nilPointer},
		{"nil pointer in one of two", func() (int, error) { return 1, nilPointer }, nilPointer},
		{"nil pointer in any", func() any { return nilPointer }, nilPointer},
		{"errors in a slice", func() []error { return []error{one} }, nil},
		{"nil map, chan and func", func() (map[int]int, chan int, func()) { return nil, nil, nil }, nil},
		{"string and array", func() (string, [1]error) { return "x", [1]error{one} }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, r.run(r.mustAdd(gocron.NewTask(tt.function))))
		})
	}
}

type taskNetError interface {
	error
	Timeout() bool
}

type taskNet struct{}

func (taskNet) Error() string { return "net" }
func (taskNet) Timeout() bool { return true }

func TestTaskName(t *testing.T) {
	r := newTaskRig(t)
	function := namedTask
	const want = ".namedTask"
	for name, function := range map[string]any{
		"func":    namedTask,
		"named":   taskFunc(namedTask),
		"pointer": &function,
	} {
		got := r.mustAdd(gocron.NewTask(function)).Name()
		require.True(t, strings.HasSuffix(got, want), "%s: %s", name, got)
	}
	got := r.mustAdd(gocron.NewTask((*taskReceiver).report, &taskReceiver{}, 1)).Name()
	require.True(t, strings.HasSuffix(got, ".(*taskReceiver).report"), got)
}

// What the caller changes after NewTask or NewJob is no business of the task's.
func TestTaskKeepsItsParameters(t *testing.T) {
	r := newTaskRig(t)
	var got []any
	parameters := paramsOf(1, "a")
	task := gocron.NewTask(func(i int, s string) { got = paramsOf(i, s) }, parameters...)
	parameters[0], parameters[1] = "wrong", 2
	require.NoError(t, r.run(r.mustAdd(task)))
	require.Equal(t, paramsOf(1, "a"), got)
}

func TestTaskReadsAPointerToAFuncOnce(t *testing.T) {
	r := newTaskRig(t)
	calls := 0
	plain, other := func() { calls++ }, func(i int) { calls += i }
	a, b := r.mustAdd(gocron.NewTask(&plain)), r.mustAdd(gocron.NewTask(&other, 10))
	plain, other = nil, nil
	require.NoError(t, r.run(a))
	require.NoError(t, r.run(b))
	require.Equal(t, 11, calls)
}

func TestTaskUsedForTwoJobs(t *testing.T) {
	r := newTaskRig(t)
	calls := 0
	task := gocron.NewTask(func(i int) { calls += i }, 1)
	for range [2]int{} {
		require.NoError(t, r.run(r.mustAdd(task)))
	}
	require.Equal(t, 2, calls)
}

func TestTaskRunsShareNoArgumentList(t *testing.T) {
	r := newTaskRig(t)
	var sums []int
	j := r.mustAdd(gocron.NewTask(func(_ context.Context, v ...int) {
		sum := 0
		for i := range v {
			sum, v[i] = sum+v[i], 0
		}
		sums = append(sums, sum)
	}, 1, 2))
	for range 2 {
		require.NoError(t, r.run(j))
	}
	require.Equal(t, []int{3, 3}, sums)
}
