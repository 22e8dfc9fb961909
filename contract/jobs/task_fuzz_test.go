package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/gocron-fixed/gocron/v2"
)

// taskBytes deals out choices; when the bytes are used up it always deals 0.
type taskBytes []byte

func (b *taskBytes) pick(n int) int {
	if len(*b) == 0 {
		return 0
	}
	v := int((*b)[0])
	*b = (*b)[1:]
	return v % n
}

var contextType = reflect.TypeOf((*context.Context)(nil)).Elem()

// taskTypes are the types of parameters, taskValues what is given for them:
// every type has a value that can be assigned to it.
var taskTypes = []reflect.Type{
	contextType,
	reflect.TypeOf(false), reflect.TypeOf(0), reflect.TypeOf(int8(0)), reflect.TypeOf(int64(0)),
	reflect.TypeOf(uint(0)), reflect.TypeOf(uint8(0)), reflect.TypeOf(uintptr(0)),
	reflect.TypeOf(0.5), reflect.TypeOf(1i), reflect.TypeOf(""), reflect.TypeOf(taskInt(0)), reflect.TypeOf(time.Duration(0)),
	reflect.TypeOf((*int)(nil)), reflect.TypeOf((**int)(nil)), reflect.TypeOf((*taskStruct)(nil)), reflect.TypeOf(unsafe.Pointer(nil)),
	reflect.TypeOf((*any)(nil)).Elem(), reflect.TypeOf((*error)(nil)).Elem(), reflect.TypeOf((*fmt.Stringer)(nil)).Elem(),
	reflect.TypeOf((*taskDoner)(nil)).Elem(), reflect.TypeOf((*taskMyContext)(nil)).Elem(),
	reflect.TypeOf(taskStruct{}), reflect.TypeOf(taskContext{}), reflect.TypeOf(struct{}{}), reflect.TypeOf([2]int{}),
	reflect.TypeOf([]int(nil)), reflect.TypeOf(taskSlice(nil)), reflect.TypeOf([]any(nil)), reflect.TypeOf([]context.Context(nil)),
	reflect.TypeOf(map[string]int(nil)), reflect.TypeOf(make(chan int)), reflect.TypeOf(make(<-chan int)),
	reflect.TypeOf(func() {}), reflect.TypeOf(taskFunc(nil)), reflect.TypeOf(func(...int) error { return nil }),
}

var taskValues = []any{
	nil, context.Background(), contextNamed("given"), taskContext{context.Background()}, (*taskContext)(nil),
	true, 1, int8(2), int64(3), uint(4), uint8(5), uintptr(6), 0.5, 1i, "text", taskInt(7), time.Second,
	new(int), (*int)(nil), new(*int), &taskStruct{8}, unsafe.Pointer(new(int)),
	errors.New("error"), taskValueErr{"error"}, (*taskPointerErr)(nil), taskNilableErr{"error"},
	taskStruct{9}, struct{}{}, [2]int{1, 2}, []int{1, 2}, taskSlice{3}, []any{1, nil}, []context.Context{nil},
	map[string]int{"a": 1}, make(chan int), make(<-chan int), make(chan<- int),
	func() {}, taskFunc(func() {}), func(...int) error { return nil }, func(int) {},
}

// taskResults are results of a task and the errors they amount to.
var taskResults = []struct {
	t     reflect.Type
	value any
	err   error
}{
	{reflect.TypeOf((*error)(nil)).Elem(), nil, nil},
	{reflect.TypeOf((*error)(nil)).Elem(), taskValueErr{"error"}, taskValueErr{"error"}},
	{reflect.TypeOf((*any)(nil)).Elem(), nil, nil},
	{reflect.TypeOf((*any)(nil)).Elem(), taskValueErr{"any"}, taskValueErr{"any"}},
	{reflect.TypeOf((*any)(nil)).Elem(), 1, nil},
	{reflect.TypeOf((*taskPointerErr)(nil)), nil, nil},
	{reflect.TypeOf(taskValueErr{}), taskValueErr{"value"}, taskValueErr{"value"}},
	{reflect.TypeOf(0), 1, nil},
	{reflect.TypeOf([]int(nil)), nil, nil},
}

// taskCase is a function type, the parameters given for it and its results.
type taskCase struct {
	t          reflect.Type
	parameters []any
	results    []reflect.Value
	err        error // what the results amount to
}

func newTaskCase(b *taskBytes) taskCase {
	var c taskCase
	var in, out []reflect.Type
	for n := b.pick(5); n > 0; n-- {
		in = append(in, taskTypes[b.pick(len(taskTypes))])
	}
	variadic := len(in) > 0 && b.pick(3) == 1
	if variadic {
		in[len(in)-1] = reflect.SliceOf(in[len(in)-1])
	}
	for n := b.pick(4); n > 0; n-- {
		r := taskResults[b.pick(len(taskResults))]
		value := reflect.New(r.t).Elem()
		if r.value != nil {
			value.Set(reflect.ValueOf(r.value))
		}
		out, c.results = append(out, r.t), append(c.results, value)
		if c.err == nil {
			c.err = r.err
		}
	}
	c.t = reflect.FuncOf(in, out, variadic)
	c.parameters = taskParameters(b, c.t)
	return c
}

// taskParameters mostly gives as many values as t needs, and mostly such as fit.
func taskParameters(b *taskBytes, t reflect.Type) []any {
	var parameters []any
	skip := 0
	if t.NumIn() > 0 && t.In(0) == contextType {
		skip = b.pick(2)
	}
	count := t.NumIn() - skip + [8]int{5: 1, 6: -1, 7: 2}[b.pick(8)]
	for i := 0; i < count; i++ {
		from := b.pick(len(taskValues))
		value := taskValues[from]
		if position := skip + i; b.pick(8) != 7 && position < t.NumIn() {
			value = fittingValue(parameterTypeNaive(t, position), from)
		}
		parameters = append(parameters, value)
	}
	return parameters
}

// fittingValue returns the first value for want, counting from one on.
func fittingValue(want reflect.Type, from int) any {
	for i := range taskValues {
		value := taskValues[(from+i)%len(taskValues)]
		if value != nil && reflect.TypeOf(value).AssignableTo(want) {
			return value
		}
	}
	panic("no value for " + want.String())
}

func parameterTypeNaive(t reflect.Type, i int) reflect.Type {
	if !t.IsVariadic() || i < t.NumIn()-1 {
		return t.In(i)
	}
	return t.In(t.NumIn() - 1).Elem()
}

// oracle says what is to come of c by letting reflect call a function of its
// type that does nothing: what must be refused is what makes reflect panic.
func (c taskCase) oracle() (args []reflect.Value, injected bool, want error) {
	if c.t.NumIn() > 0 && c.t.In(0) == contextType {
		injected = len(c.parameters) == 0 || c.parameters[0] == nil ||
			!reflect.TypeOf(c.parameters[0]).Implements(contextType)
	}
	if injected {
		args = append(args, reflect.ValueOf(contextNamed("job")))
	}
	for _, parameter := range c.parameters {
		args = append(args, reflect.ValueOf(parameter))
	}
	defer func() {
		if r := recover(); r != nil {
			want = gocron.ErrNewJobWrongTypeOfParameters
			if strings.Contains(fmt.Sprint(r), "input arguments") {
				want = gocron.ErrNewJobWrongNumberOfParameters
			}
		}
	}()
	for i, arg := range args {
		if !arg.IsValid() && (c.t.IsVariadic() || i < c.t.NumIn()) {
			args[i] = nilOf(parameterTypeNaive(c.t, i))
		} else if !arg.IsValid() {
			args[i] = reflect.ValueOf(0) // one too many, whatever it is
		}
	}
	reflect.MakeFunc(c.t, func([]reflect.Value) []reflect.Value { return c.results }).Call(args)
	return args, injected, nil
}

// nilOf returns the nil of type t. For a type without one it returns what
// reflect refuses as an argument, as it refuses a wrong type.
func nilOf(t reflect.Type) (v reflect.Value) {
	defer func() {
		if recover() != nil {
			v = reflect.Value{}
		}
	}()
	v = reflect.New(t).Elem()
	_ = v.IsNil() // panics if t has none
	return v
}

// sameArgument tells whether got is what a function sees of the argument given.
func sameArgument(got, given reflect.Value) bool {
	if got.Kind() == reflect.Interface {
		if got.IsNil() || given.Kind() == reflect.Interface {
			return got.IsNil() && given.Kind() == reflect.Interface && given.IsNil()
		}
		got = got.Elem()
		if got.Type() != given.Type() {
			return false
		}
	}
	switch got.Kind() {
	case reflect.Slice:
		return got.UnsafePointer() == given.UnsafePointer() && got.Len() == given.Len()
	case reflect.Chan, reflect.Func, reflect.Map, reflect.Pointer, reflect.UnsafePointer:
		return got.UnsafePointer() == given.UnsafePointer()
	}
	return got.Interface() == given.Interface()
}

// flattenVariadic undoes what a call makes of the values for a variadic parameter.
func flattenVariadic(t reflect.Type, in []reflect.Value) []reflect.Value {
	if !t.IsVariadic() {
		return in
	}
	flat := append([]reflect.Value(nil), in[:len(in)-1]...)
	rest := in[len(in)-1]
	for i := 0; i < rest.Len(); i++ {
		v := reflect.New(rest.Type().Elem()).Elem()
		v.Set(rest.Index(i))
		flat = append(flat, v)
		rest.Index(i).SetZero() // the next run must not see this
	}
	return flat
}

// FuzzTaskSignatures gives random parameters to functions of random types.
// What NewJob accepts must be called with just these, once a run; what it
// refuses reflect must refuse as well.
func FuzzTaskSignatures(f *testing.F) {
	for i := range taskTypes {
		one := []byte{1, byte(i)}
		f.Add(append(one, 0, 0, 0, 0, 0), byte(0))
		f.Add(append(one[:2:2], 1, 1, 1, 0, 0, 3, 0, 4, 0), byte(1))
		f.Add(append(one[:2:2], 0, 2, 1, 6, 0, 7, 0, 7), byte(2))
		f.Add([]byte{2, 0, byte(i), 0, 1, 0, 1, 0, byte(i), 0}, byte(0))
		f.Add([]byte{3, 0, 2, byte(i), 1, 1, 3, 1, 7, 4, 0, 5, 0, 6, 0, 7, 0}, byte(1))
		f.Add([]byte{3, 0, 2, byte(i), 1, 1, 3, 0, 6, 4, 0, 5, 0}, byte(0))
	}
	f.Add([]byte{}, byte(0))
	for form := byte(2); form < 6; form++ {
		f.Add([]byte{1, 2, 0, 0, 0, 0, 0}, form)
	}
	f.Fuzz(func(t *testing.T, data []byte, form byte) {
		b := taskBytes(data)
		checkSignature(newTaskRig(t), newTaskCase(&b), int(form))
	})
}

func checkSignature(r taskRig, c taskCase, form int) {
	t := r.t
	var calls [][]reflect.Value
	function := reflect.New(c.t)
	function.Elem().Set(reflect.MakeFunc(c.t, func(in []reflect.Value) []reflect.Value {
		calls = append(calls, flattenVariadic(c.t, in))
		return c.results
	}))

	args, injected, want := c.oracle()
	var passed any
	switch form % 6 {
	case 0:
		passed = function.Elem().Interface()
	case 1:
		passed = function.Interface()
	case 2:
		passed, want = reflect.Zero(c.t).Interface(), gocron.ErrNewJobTaskNotFunc
	case 3:
		passed, want = reflect.New(c.t).Interface(), gocron.ErrNewJobTaskNotFunc
	case 4:
		passed, want = reflect.Zero(function.Type()).Interface(), gocron.ErrNewJobTaskNotFunc
	case 5:
		passed, want = reflect.New(function.Type()).Interface(), gocron.ErrNewJobTaskNotFunc
	}
	given := append([]any(nil), c.parameters...)
	made := gocron.NewTask(passed, given...)
	for i := range given {
		given[i] = t
	}
	j, err := r.add(made)
	function.Elem().SetZero()
	if !errors.Is(err, want) {
		t.Fatalf("%v with %#v: got %v, want %v", c.t, c.parameters, err, want)
	}
	if err != nil {
		return
	}
	for run := 1; run <= 2; run++ {
		if err := r.run(j); err != c.err {
			t.Fatalf("%v: run returned %v, want %v", c.t, err, c.err)
		}
		if len(calls) != run {
			t.Fatalf("%v: %d calls after run %d", c.t, len(calls), run)
		}
		got := calls[run-1]
		if injected { // the context of the run
			if ctx, is := got[0].Interface().(context.Context); !is || contextName(ctx) != "job" {
				t.Fatalf("%v with %#v: the first value is %v", c.t, c.parameters, got[0])
			}
			checkArguments(t, c, got[1:], args[1:])
			continue
		}
		checkArguments(t, c, got, args)
	}
}

func checkArguments(t testing.TB, c taskCase, got, given []reflect.Value) {
	if len(got) != len(given) {
		t.Fatalf("%v with %#v: called with %d values", c.t, c.parameters, len(got))
	}
	for i := range got {
		if !sameArgument(got[i], given[i]) {
			t.Fatalf("%v with %#v: value %d is %v", c.t, c.parameters, i, got[i])
		}
	}
}
