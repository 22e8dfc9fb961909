package gocron

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"

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
	if ctx == nil {
		return nil
	}
	return ctx.Value(taskContextKey{})
}

func paramsOf(v ...any) []any { return v }

// TestTaskAccepted calls every function with what is given; the functions
// report what they were called with.
func TestTaskAccepted(t *testing.T) {
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
		context    bool
	}{
		{"func()", plain, nil, nil, false},
		{"named func()", taskFunc(plain), nil, nil, false},
		{"pointer to func()", &plain, nil, nil, false},
		{"func() error", func() error { report(); return nil }, nil, nil, false},
		{"func() int", func() int { report(); return 1 }, nil, nil, false},
		{"method expression", (*taskReceiver).report, paramsOf(&taskReceiver{report}, 1), paramsOf(1), false},
		{"method value", (&taskReceiver{report}).report, paramsOf(1), paramsOf(1), false},

		{"context", func(ctx context.Context) { report(contextName(ctx)) }, nil, paramsOf("job"), true},
		{"context, error", func(ctx context.Context) error { report(contextName(ctx)); return nil }, nil, paramsOf("job"), true},
		{"context, int", func(ctx context.Context) int { report(contextName(ctx)); return 1 }, nil, paramsOf("job"), true},
		{"context given", func(ctx context.Context) { report(contextName(ctx)) }, paramsOf(given), paramsOf("given"), false},
		{"context given, error", func(ctx context.Context) error { report(contextName(ctx)); return nil }, paramsOf(given), paramsOf("given"), false},
		{"context given, int", func(ctx context.Context) int { report(contextName(ctx)); return 1 }, paramsOf(given), paramsOf("given"), false},
		{"context given as struct", func(ctx context.Context) { report(contextName(ctx)) }, paramsOf(taskContext{given}), paramsOf("given"), false},
		{"context given as typed nil", func(ctx context.Context) { report(ctx) }, paramsOf((*taskContext)(nil)), paramsOf((*taskContext)(nil)), false},
		{"context and value", func(ctx context.Context, i int) { report(contextName(ctx), i) }, paramsOf(1), paramsOf("job", 1), true},
		{"context given and value", func(ctx context.Context, i int) { report(contextName(ctx), i) }, paramsOf(given, 1), paramsOf("given", 1), false},
		{"context and nil", func(ctx context.Context, v any) { report(contextName(ctx), v) }, paramsOf(nil), paramsOf("job", nil), true},
		{"two contexts given", func(a, b context.Context) { report(contextName(a), contextName(b)) }, paramsOf(given, contextNamed("2")), paramsOf("given", "2"), false},
		{"two contexts, nil", func(a, b context.Context) { report(contextName(a), b) }, paramsOf(nil), paramsOf("job", nil), true},
		{"context last", func(i int, ctx context.Context) { report(i, contextName(ctx)) }, paramsOf(1, given), paramsOf(1, "given"), false},
		{"other context interface", func(ctx taskMyContext) { report(contextName(ctx)) }, paramsOf(given), paramsOf("given"), false},
		{"part of a context", func(ctx taskDoner) { report(ctx) }, paramsOf(given), paramsOf(given), false},
		{"struct that is a context", func(ctx taskContext) { report(contextName(ctx)) }, paramsOf(taskContext{given}), paramsOf("given"), false},

		{"any", func(v any) { report(v) }, paramsOf(1), paramsOf(1), false},
		{"any, nil", func(v any) { report(v) }, paramsOf(nil), paramsOf(nil), false},
		{"Stringer", func(v fmt.Stringer) { report(v) }, paramsOf(taskInt(1)), paramsOf(taskInt(1)), false},
		{"error", func(v error) { report(v) }, paramsOf(taskValueErr{"x"}), paramsOf(taskValueErr{"x"}), false},
		{"pointer", func(v *int) { report(v == ptr) }, paramsOf(ptr), paramsOf(true), false},
		{"pointer, nil", func(v *int) { report(v) }, paramsOf(nil), paramsOf((*int)(nil)), false},
		{"pointer, typed nil", func(v *int) { report(v) }, paramsOf((*int)(nil)), paramsOf((*int)(nil)), false},
		{"unsafe pointer, nil", func(v unsafe.Pointer) { report(v) }, paramsOf(nil), paramsOf(unsafe.Pointer(nil)), false},
		{"map, nil", func(v map[string]int) { report(v) }, paramsOf(nil), paramsOf(map[string]int(nil)), false},
		{"slice", func(v []int) { report(v) }, paramsOf([]int{1}), paramsOf([]int{1}), false},
		{"slice, nil", func(v []int) { report(v) }, paramsOf(nil), paramsOf([]int(nil)), false},
		{"slice of a named type", func(v []int) { report(v) }, paramsOf(taskSlice{1}), paramsOf([]int{1}), false},
		{"array", func(v [2]int) { report(v) }, paramsOf([2]int{1, 2}), paramsOf([2]int{1, 2}), false},
		{"struct", func(v taskStruct) { report(v) }, paramsOf(taskStruct{1}), paramsOf(taskStruct{1}), false},
		{"chan of one direction", func(v <-chan int) { report(v == ch) }, paramsOf(ch), paramsOf(true), false},
		{"func", func(v func()) { v() }, paramsOf(plain), nil, false},
		{"func of a named type", func(v taskFunc) { v() }, paramsOf(plain), nil, false},
		{"func, nil", func(v func()) { report(v == nil) }, paramsOf(nil), paramsOf(true), false},
		{"duration", func(v time.Duration) { report(v) }, paramsOf(time.Second), paramsOf(time.Second), false},

		{"variadic, none", func(v ...int) { report(v) }, nil, paramsOf([]int{}), false},
		{"variadic, one", func(v ...int) { report(v) }, paramsOf(1), paramsOf([]int{1}), false},
		{"variadic, three", func(v ...int) { report(v) }, paramsOf(1, 2, 3), paramsOf([]int{1, 2, 3}), false},
		{"variadic after value, none", func(i int, v ...string) { report(i, v) }, paramsOf(1), paramsOf(1, []string{}), false},
		{"variadic after value, two", func(i int, v ...string) { report(i, v) }, paramsOf(1, "a", "b"), paramsOf(1, []string{"a", "b"}), false},
		{"variadic any, nil", func(v ...any) { report(v) }, paramsOf(nil), paramsOf([]any{nil}), false},
		{"variadic any, slice", func(v ...any) { report(v) }, paramsOf([]any{1, 2}), paramsOf([]any{[]any{1, 2}}), false},
		{"variadic slices", func(v ...[]int) { report(v) }, paramsOf([]int{1, 2}), paramsOf([][]int{{1, 2}}), false},
		{"variadic after context, none", func(ctx context.Context, v ...int) { report(contextName(ctx), v) }, nil, paramsOf("job", []int{}), true},
		{"variadic after context, two", func(ctx context.Context, v ...int) { report(contextName(ctx), v) }, paramsOf(1, 2), paramsOf("job", []int{1, 2}), true},
		{"variadic after context given", func(ctx context.Context, v ...int) { report(contextName(ctx), v) }, paramsOf(given), paramsOf("given", []int{}), false},
		{"variadic contexts, none", func(v ...context.Context) { report(len(v)) }, nil, paramsOf(0), false},
		{"variadic contexts, one", func(v ...context.Context) { report(contextName(v[0])) }, paramsOf(given), paramsOf("given"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := compile(NewTask(tt.function, tt.parameters...))
			require.NoError(t, err)
			require.Equal(t, tt.context, c.wantsContext())
			got = nil
			var ctx context.Context // nil unless asked for
			if c.wantsContext() {
				ctx = contextNamed("job")
			}
			require.NoError(t, c.run(ctx))
			require.Equal(t, append([]any{"called"}, tt.want...), got)
		})
	}
}

type taskReceiver struct{ to func(...any) }

func (r *taskReceiver) report(i int) { r.to(i) }

func TestTaskRefused(t *testing.T) {
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
		{"nil", nil, nil, ErrNewJobTaskNotFunc},
		{"nil with parameters", nil, paramsOf(1), ErrNewJobTaskNotFunc},
		{"int", 1, nil, ErrNewJobTaskNotFunc},
		{"pointer to int", new(int), nil, ErrNewJobTaskNotFunc},
		{"nil func", nilFunc, nil, ErrNewJobTaskNotFunc},
		{"nil func with parameters", nilFunc, paramsOf(1), ErrNewJobTaskNotFunc},
		{"nil pointer to func", nilPointer, nil, ErrNewJobTaskNotFunc},
		{"pointer to nil func", &nilFunc, nil, ErrNewJobTaskNotFunc},
		{"pointer to pointer to func", &pointer, nil, ErrNewJobTaskNotFunc},
		{"pointer to nil pointer to func", &nilPointer, nil, ErrNewJobTaskNotFunc},
		{"pointer to func in an interface", &inInterface, nil, ErrNewJobTaskNotFunc},
		{"pointer to itself", cyclic, nil, ErrNewJobTaskNotFunc},

		{"too many", notCalled, paramsOf(1), ErrNewJobWrongNumberOfParameters},
		{"too many, nil", notCalled, paramsOf(nil), ErrNewJobWrongNumberOfParameters},
		{"too many behind a pointer", &notCalled, paramsOf(1), ErrNewJobWrongNumberOfParameters},
		{"too few", func(int, string) {}, paramsOf(1), ErrNewJobWrongNumberOfParameters},
		{"number before type", func(int, string) {}, paramsOf("x"), ErrNewJobWrongNumberOfParameters},
		{"none before variadic", func(int, ...string) {}, nil, ErrNewJobWrongNumberOfParameters},
		{"none after context", func(context.Context, int) {}, nil, ErrNewJobWrongNumberOfParameters},
		{"none after context given", func(context.Context, int) {}, paramsOf(context.Background()), ErrNewJobWrongNumberOfParameters},
		{"nil is no context", func(context.Context) {}, paramsOf(nil), ErrNewJobWrongNumberOfParameters},
		{"nil is no context, before value", func(context.Context, int) {}, paramsOf(nil, 1), ErrNewJobWrongNumberOfParameters},
		{"none before variadic, after context", func(context.Context, int, ...int) {}, nil, ErrNewJobWrongNumberOfParameters},
		{"second context", func(_, _ context.Context) {}, nil, ErrNewJobWrongNumberOfParameters},
		{"other context interface", func(taskMyContext) {}, nil, ErrNewJobWrongNumberOfParameters},
		{"any", func(any) {}, nil, ErrNewJobWrongNumberOfParameters},

		{"string for int", func(int) {}, paramsOf("x"), ErrNewJobWrongTypeOfParameters},
		{"int for int64", func(int64) {}, paramsOf(1), ErrNewJobWrongTypeOfParameters},
		{"int64 for duration", func(time.Duration) {}, paramsOf(int64(1)), ErrNewJobWrongTypeOfParameters},
		{"int for context", func(context.Context, int) {}, paramsOf("x"), ErrNewJobWrongTypeOfParameters},
		{"nil for int", func(int) {}, paramsOf(nil), ErrNewJobWrongTypeOfParameters},
		{"nil for struct", func(taskStruct) {}, paramsOf(nil), ErrNewJobWrongTypeOfParameters},
		{"nil for array", func([2]int) {}, paramsOf(nil), ErrNewJobWrongTypeOfParameters},
		{"other struct", func(taskStruct) {}, paramsOf(taskValueErr{}), ErrNewJobWrongTypeOfParameters},
		{"other pointer", func(*taskStruct) {}, paramsOf(&taskValueErr{}), ErrNewJobWrongTypeOfParameters},
		{"pointer for value", func(taskStruct) {}, paramsOf(&taskStruct{}), ErrNewJobWrongTypeOfParameters},
		{"value for pointer", func(*taskStruct) {}, paramsOf(taskStruct{}), ErrNewJobWrongTypeOfParameters},
		{"not implementing", func(error) {}, paramsOf(taskStruct{}), ErrNewJobWrongTypeOfParameters},
		{"other slice", func([]int) {}, paramsOf([]string{"x"}), ErrNewJobWrongTypeOfParameters},
		{"slice for array", func([1]int) {}, paramsOf([]int{1}), ErrNewJobWrongTypeOfParameters},
		{"chan of the other direction", func(chan int) {}, paramsOf((<-chan int)(nil)), ErrNewJobWrongTypeOfParameters},
		{"context for its struct", func(taskContext) {}, paramsOf(context.Background()), ErrNewJobWrongTypeOfParameters},
		{"variadic, slice", func(...int) {}, paramsOf([]int{1}), ErrNewJobWrongTypeOfParameters},
		{"variadic, second", func(...int) {}, paramsOf(1, "x"), ErrNewJobWrongTypeOfParameters},
		{"variadic, nil", func(...int) {}, paramsOf(nil), ErrNewJobWrongTypeOfParameters},
		{"before variadic", func(int, ...string) {}, paramsOf("x", "y"), ErrNewJobWrongTypeOfParameters},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := compile(NewTask(tt.function, tt.parameters...))
			require.ErrorIs(t, err, tt.want)
			require.Equal(t, call{}, c)
		})
	}

	_, err := compile(nil)
	require.True(t, err == ErrNewJobTaskNil)
	_, err = compile(Task(nil))
	require.True(t, err == ErrNewJobTaskNil)
}

func TestTaskResults(t *testing.T) {
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
			c, err := compile(NewTask(tt.function))
			require.NoError(t, err)
			require.Equal(t, tt.want, c.run(context.Background()))
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
	function := namedTask
	const want = ".namedTask"
	for name, function := range map[string]any{
		"func":    namedTask,
		"named":   taskFunc(namedTask),
		"pointer": &function,
	} {
		c, err := compile(NewTask(function))
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(c.name(), want), "%s: %s", name, c.name())
	}
	c, err := compile(NewTask((*taskReceiver).report, &taskReceiver{}, 1))
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(c.name(), ".(*taskReceiver).report"), c.name())
}

// What the caller changes after NewTask or NewJob is no business of the task's.
func TestTaskKeepsItsParameters(t *testing.T) {
	var got []any
	parameters := paramsOf(1, "a")
	task := NewTask(func(i int, s string) { got = paramsOf(i, s) }, parameters...)
	parameters[0], parameters[1] = "wrong", 2
	c, err := compile(task)
	require.NoError(t, err)
	require.NoError(t, c.run(context.Background()))
	require.Equal(t, paramsOf(1, "a"), got)
}

func TestTaskReadsAPointerToAFuncOnce(t *testing.T) {
	calls := 0
	plain, other := func() { calls++ }, func(i int) { calls += i }
	c, err := compile(NewTask(&plain))
	require.NoError(t, err)
	d, err := compile(NewTask(&other, 10))
	require.NoError(t, err)
	plain, other = nil, nil
	require.NoError(t, c.run(context.Background()))
	require.NoError(t, d.run(context.Background()))
	require.Equal(t, 11, calls)
}

func TestTaskRunsShareNoArgumentList(t *testing.T) {
	var sums []int
	c, err := compile(NewTask(func(ctx context.Context, v ...int) {
		sum := 0
		for i := range v {
			sum, v[i] = sum+v[i], 0
		}
		sums = append(sums, sum)
		require.Equal(t, len(sums), contextName(ctx).(int))
	}, 1, 2))
	require.NoError(t, err)
	for run := 1; run <= 2; run++ {
		require.NoError(t, c.run(context.WithValue(context.Background(), taskContextKey{}, run)))
	}
	require.Equal(t, []int{3, 3}, sums)
	// Runs may overlap, so none may leave its context in the common list.
	require.True(t, c.fn.(*reflected).args[0].IsNil())
}

func TestTaskUsedForTwoJobs(t *testing.T) {
	calls := 0
	task := NewTask(func(i int) { calls += i }, 1)
	for range [2]int{} {
		c, err := compile(task)
		require.NoError(t, err)
		require.NoError(t, c.run(context.Background()))
	}
	require.Equal(t, 2, calls)
}

func TestTaskPlainFormsDoNotAllocate(t *testing.T) {
	calls := 0
	plain := func() { calls++ }
	given := context.Background()
	for name, task := range map[string]Task{
		"func()":             NewTask(plain),
		"named func()":       NewTask(taskFunc(plain)),
		"pointer":            NewTask(&plain),
		"func() error":       NewTask(func() error { calls++; return nil }),
		"context":            NewTask(func(context.Context) { calls++ }),
		"context, error":     NewTask(func(context.Context) error { calls++; return nil }),
		"context given":      NewTask(func(context.Context) { calls++ }, given),
		"context given, err": NewTask(func(context.Context) error { calls++; return nil }, given),
	} {
		c, err := compile(task)
		require.NoError(t, err)
		calls = 0
		require.Zero(t, testing.AllocsPerRun(10, func() { _ = c.run(given) }), name)
		require.Equal(t, 11, calls, name) // one to warm up
	}
}

func TestTaskCompileDoesNotAllocate(t *testing.T) {
	task := NewTask(func() {})
	require.Zero(t, testing.AllocsPerRun(10, func() { _, _ = compile(task) }))
}

func TestCallIsSmall(t *testing.T) {
	require.LessOrEqual(t, unsafe.Sizeof(call{}), 6*unsafe.Sizeof(uintptr(0)))
}
