package gocron

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
)

// Task is what a job does: a function and the parameters to call it with. NewTask makes it. You can
// use it for any number of jobs.
type Task func() task

type task struct {
	function   any
	parameters []any
}

// NewTask makes the task that calls function with the given parameters.
//
// The function may be any func, or a pointer to one, which is read when the job is made. If its
// first parameter is a context.Context and the given parameters do not begin with a context, it
// gets the job's context, which ends when the job is removed or replaced and when the scheduler
// stops. The first result that is a non-nil error makes the run fail. Other results are ignored.
//
// Every parameter must be assignable, as in a call written in Go. Number types are not converted. A
// nil is the zero value of any type that has a nil. A variadic function takes none, one or many
// values; a slice counts as one value. NewJob and Update check this, and return
// ErrNewJobTaskNotFunc, ErrNewJobWrongNumberOfParameters or ErrNewJobWrongTypeOfParameters.
//
// The list of parameters is copied, but not what a pointer, map or slice in it refers to: all runs
// share that.
func NewTask(function any, parameters ...any) Task {
	t := task{function: function, parameters: append([]any(nil), parameters...)}
	return func() task { return t }
}

// A call is a task that passed every check, ready to be performed any number
// of times, concurrently too. It is immutable.
type call struct {
	fn boundFunc
}

// name is the function's, as the runtime knows it.
func (c *call) name() string { return runtime.FuncForPC(c.fn.function().Pointer()).Name() }

// wantsContext reports whether run must be given the job's context.
func (c *call) wantsContext() bool { return c.fn.wantsContext() }

// run performs the task and returns the first non-nil error of its results.
// Without wantsContext, ctx is not looked at and may be nil.
func (c *call) run(ctx context.Context) error { return c.fn.call(ctx) }

// compile checks a task and makes it a call. Nothing that passes can fail to
// be called: all that reflection would panic on is refused here.
func compile(t Task) (call, error) {
	if t == nil {
		return call{}, ErrNewJobTaskNil
	}
	made := t()
	fn, ok := funcOf(made.function)
	if !ok {
		return call{}, fmt.Errorf("%w: it is %s", ErrNewJobTaskNotFunc, notFunc(made.function))
	}
	wantsContext := takesContext(fn.Type()) && !beginsWithContext(made.parameters)
	args, err := arguments(fn.Type(), made.parameters, wantsContext)
	if err != nil {
		return call{}, err
	}
	return call{bindFunc(fn, args, wantsContext)}, nil
}

// funcOf returns the func that function is or points to, unless it is nil.
func funcOf(function any) (reflect.Value, bool) {
	fn := reflect.ValueOf(function)
	if fn.Kind() == reflect.Pointer && fn.Type().Elem().Kind() == reflect.Func && !fn.IsNil() {
		// Through an interface, so that the value does not stay tied to the
		// variable, which may be set to nil later.
		fn = reflect.ValueOf(fn.Elem().Interface())
	}
	return fn, fn.Kind() == reflect.Func && !fn.IsNil()
}

var contextType = reflect.TypeOf((*context.Context)(nil)).Elem()

// takesContext asks for exactly context.Context: any other interface that a
// context satisfies is a parameter like all others, to be given by the user.
func takesContext(fn reflect.Type) bool {
	return fn.NumIn() > 0 && fn.In(0) == contextType
}

func beginsWithContext(parameters []any) bool {
	if len(parameters) == 0 {
		return false
	}
	_, ok := parameters[0].(context.Context)
	return ok
}

// arguments returns the values to call fn with, each of the very type that fn
// takes. With wantsContext the first is a nil context, a place kept free.
func arguments(fn reflect.Type, parameters []any, wantsContext bool) ([]reflect.Value, error) {
	first := 0
	if wantsContext {
		first = 1
	}
	count := first + len(parameters)
	if variadic := fn.IsVariadic(); variadic && count < fn.NumIn()-1 || !variadic && count != fn.NumIn() {
		return nil, wrongNumber(fn, first, len(parameters))
	}
	if len(parameters) == 0 && !wantsContext {
		return nil, nil
	}
	args := make([]reflect.Value, count)
	if wantsContext {
		args[0] = reflect.Zero(contextType)
	}
	for i, parameter := range parameters {
		wanted := parameterType(fn, first+i)
		arg, ok := argument(wanted, parameter)
		if !ok {
			return nil, fmt.Errorf("%w: parameter %d is %s, %v takes %v there",
				ErrNewJobWrongTypeOfParameters, i+1, typeText(parameter), fn, wanted)
		}
		args[first+i] = arg
	}
	return args, nil
}

// wrongNumber says how many parameters fn takes beside the job's context, which is the
// first if own is 1.
func wrongNumber(fn reflect.Type, own, given int) error {
	wanted := fn.NumIn() - own
	atLeast := ""
	if fn.IsVariadic() {
		wanted, atLeast = wanted-1, "at least "
	}
	beside := ""
	if own > 0 {
		beside = " beside the job's context"
	}
	return fmt.Errorf("%w: %d given, %v takes %s%d%s", ErrNewJobWrongNumberOfParameters, given, fn, atLeast, wanted, beside)
}

// typeText names the type of a value, which may be nil.
func typeText(v any) string {
	if v == nil {
		return "nil"
	}
	return fmt.Sprintf("of type %T", v)
}

// notFunc describes what was given in place of a function.
func notFunc(v any) string {
	if t := reflect.TypeOf(v); t != nil && (t.Kind() == reflect.Func || t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Func) {
		return fmt.Sprintf("a nil %T", v)
	}
	return typeText(v)
}

// canFail reports whether a result of the function can be an error.
func (c *call) canFail() bool {
	fn := c.fn.function().Type()
	for i := range fn.NumOut() {
		if out := fn.Out(i); out.Kind() == reflect.Interface || out.Implements(errorType) {
			return true
		}
	}
	return false
}

var errorType = reflect.TypeOf((*error)(nil)).Elem()

// parameterType returns the type of the i-th value fn is called with.
func parameterType(fn reflect.Type, i int) reflect.Type {
	if last := fn.NumIn() - 1; fn.IsVariadic() && i >= last {
		return fn.In(last).Elem()
	}
	return fn.In(i)
}

// argument returns parameter as a value of type t, if it can be assigned to t.
func argument(t reflect.Type, parameter any) (reflect.Value, bool) {
	if parameter == nil {
		return reflect.Zero(t), hasNil(t.Kind())
	}
	v := reflect.ValueOf(parameter)
	if !v.Type().AssignableTo(t) {
		return reflect.Value{}, false
	}
	if v.Type() == t {
		return v, true
	}
	return v.Convert(t), true // what is assignable converts, and never panics
}

func hasNil(kind reflect.Kind) bool {
	switch kind {
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map,
		reflect.Pointer, reflect.Slice, reflect.UnsafePointer:
		return true
	}
	return false
}

// A boundFunc is a function together with its arguments, in one of the forms
// below: the plain ones, called as they are, or the one that can be anything.
type boundFunc interface {
	call(ctx context.Context) error
	wantsContext() bool      // a context has to be given to call
	function() reflect.Value // without its arguments
}

type (
	plainFunc        func()
	plainErrorFunc   func() error
	contextFunc      func(context.Context)
	contextErrorFunc func(context.Context) error
)

func (f plainFunc) call(context.Context) error            { f(); return nil }
func (f plainErrorFunc) call(context.Context) error       { return f() }
func (f contextFunc) call(ctx context.Context) error      { f(ctx); return nil }
func (f contextErrorFunc) call(ctx context.Context) error { return f(ctx) }

func (f plainFunc) wantsContext() bool        { return false }
func (f plainErrorFunc) wantsContext() bool   { return false }
func (f contextFunc) wantsContext() bool      { return true }
func (f contextErrorFunc) wantsContext() bool { return true }

func (f plainFunc) function() reflect.Value        { return reflect.ValueOf(f) }
func (f plainErrorFunc) function() reflect.Value   { return reflect.ValueOf(f) }
func (f contextFunc) function() reflect.Value      { return reflect.ValueOf(f) }
func (f contextErrorFunc) function() reflect.Value { return reflect.ValueOf(f) }

var plainTypes = [...]reflect.Type{
	reflect.TypeOf(plainFunc(nil)),
	reflect.TypeOf(plainErrorFunc(nil)),
	reflect.TypeOf(contextFunc(nil)),
	reflect.TypeOf(contextErrorFunc(nil)),
}

// bindFunc prefers the plain forms: they run without reflection and
// without allocating.
func bindFunc(fn reflect.Value, args []reflect.Value, wantsContext bool) boundFunc {
	for _, t := range plainTypes {
		if !fn.CanConvert(t) {
			continue
		}
		plain := fn.Convert(t).Interface().(boundFunc)
		if len(args) == 0 || wantsContext {
			return plain
		}
		given, _ := args[0].Interface().(context.Context)
		return contextGiven{plain, given}
	}
	return &reflected{fn, args, wantsContext}
}

// contextGiven is a plain func that takes a context, and got one from the user.
type contextGiven struct {
	boundFunc
	ctx context.Context
}

func (c contextGiven) call(context.Context) error { return c.boundFunc.call(c.ctx) }
func (c contextGiven) wantsContext() bool         { return false }

// reflected is a func of any type. Its args are shared by all runs and never
// written. A variadic func gets a slice of its own for each run from Call,
// which is why CallSlice, with one made here once, would not do.
type reflected struct {
	fn       reflect.Value
	args     []reflect.Value
	takesOwn bool // the first of args is a place for the job's context
}

func (r *reflected) wantsContext() bool      { return r.takesOwn }
func (r *reflected) function() reflect.Value { return r.fn }

func (r *reflected) call(ctx context.Context) error {
	args := r.args
	if r.takesOwn {
		args = append([]reflect.Value(nil), args...)
		args[0] = reflect.ValueOf(&ctx).Elem()
	}
	return firstError(r.fn.Call(args))
}

// firstError looks at what the results hold, not at how they are declared: an
// error returned as any is one too. A nil of a concrete type, such as a nil
// *MyError, is no error; the same nil inside an interface is one, as it is
// everywhere in Go.
func firstError(results []reflect.Value) error {
	for _, result := range results {
		if hasNil(result.Kind()) && result.IsNil() {
			continue
		}
		if err, ok := result.Interface().(error); ok {
			return err
		}
	}
	return nil
}
