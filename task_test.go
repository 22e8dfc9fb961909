package gocron

import (
	"context"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// Runs may overlap, so none may leave its context in the common list.
func TestTaskKeepsNoContextOfARun(t *testing.T) {
	type key struct{}
	c, err := compile(NewTask(func(ctx context.Context, want int) { require.Equal(t, want, ctx.Value(key{})) }, 1))
	require.NoError(t, err)
	require.NoError(t, c.run(context.WithValue(context.Background(), key{}, 1)))
	require.True(t, c.fn.(*reflected).args[0].IsNil())
}

type taskFunc func()

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
