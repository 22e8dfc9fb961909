package rig

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// ErrHook is what hooks and tasks fail with.
var ErrHook = errors.New("hook")

// EndingContexts are the ways a user's context may end, and be one.
func EndingContexts() map[string]func() (context.Context, context.CancelFunc) {
	return map[string]func() (context.Context, context.CancelFunc){
		"cancelled": func() (context.Context, context.CancelFunc) { return context.WithCancel(context.Background()) },
		"foreign": func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			return ForeignContext{ctx}, cancel
		},
	}
}

// ContextKey is the key of a value in a context.
type ContextKey struct{}

// ErrTest is what tasks and hooks of a test return.
var ErrTest = errors.New("the test's own error")

// An ElectorFunc is an Elector of one function.
type ElectorFunc func(context.Context) error

func (f ElectorFunc) IsLeader(ctx context.Context) error { return f(ctx) }

// A LockFunc is a Locker of one function.
type LockFunc func(ctx context.Context, key string) (gocron.Lock, error)

func (f LockFunc) Lock(ctx context.Context, key string) (gocron.Lock, error) { return f(ctx, key) }

// An UnlockFunc is a Lock of one function.
type UnlockFunc func(context.Context) error

func (f UnlockFunc) Unlock(ctx context.Context) error { return f(ctx) }

// Cron is a user's Cron.
type Cron struct {
	Valid func(string) error
	After func(time.Time) time.Time
}

func (c *Cron) IsValid(crontab string, _ *time.Location, _ time.Time) error {
	if c.Valid == nil {
		return nil
	}
	return c.Valid(crontab)
}

func (c *Cron) Next(t time.Time) time.Time { return c.After(t) }

// ForeignContext is a context that the context package does not know: to watch
// it costs a goroutine.
type ForeignContext struct{ context.Context }

func (c ForeignContext) Done() <-chan struct{} { return c.Context.Done() }

// QuietLogger is a Logger that drops everything: one to embed.
type QuietLogger struct{}

func (QuietLogger) Debug(string, ...any) {}
func (QuietLogger) Error(string, ...any) {}
func (QuietLogger) Info(string, ...any)  {}
func (QuietLogger) Warn(string, ...any)  {}

// Warnings is a Logger that keeps them.
type Warnings struct {
	mu    sync.Mutex
	Lines []string
}

func (w *Warnings) Debug(string, ...any) {}
func (w *Warnings) Info(string, ...any)  {}
func (w *Warnings) Error(string, ...any) {}
func (w *Warnings) Warn(msg string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Lines = append(w.Lines, fmt.Sprint(msg, args))
}

// About counts the warnings that name a job.
func (w *Warnings) About(name string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, line := range w.Lines {
		if strings.Contains(line, name) {
			n++
		}
	}
	return n
}

// HourlyCron says that every hour is due, and does something before it answers.
func HourlyCron(before func()) gocron.Cron {
	return &Cron{After: func(at time.Time) time.Time {
		before()
		return at.Add(time.Hour)
	}}
}
