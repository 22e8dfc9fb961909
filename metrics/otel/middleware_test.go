package otel

import (
	"context"
	"errors"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// What the scheduler's package has: a named type of func, an option, and a way to find the run.
type (
	fakeFunc   func(context.Context) error
	fakeOption []func(fakeFunc) fakeFunc
	runContext struct{}
)

func withMiddleware(middleware ...func(fakeFunc) fakeFunc) fakeOption { return middleware }

func fromContext(ctx context.Context) (fakeRun, bool) {
	run, is := ctx.Value(runContext{}).(fakeRun)
	return run, is
}

// tracer makes a task with a span around it, and says which spans have ended.
func traced(task fakeFunc) (fakeFunc, oteltrace.Tracer, *tracetest.SpanRecorder) {
	recorder := tracetest.NewSpanRecorder()
	tracer := trace.NewTracerProvider(trace.WithSpanProcessor(recorder)).Tracer("jobs")
	option := Middleware(withMiddleware, fromContext, tracer)
	return option[0](task), tracer, recorder
}

func contextOf(run RunFacts) context.Context {
	return context.WithValue(context.Background(), runContext{}, fakeRun{run})
}

func valueOf(span trace.ReadOnlySpan, key string) string {
	for _, a := range span.Attributes() {
		if a.Key == attribute.Key(key) {
			return a.Value.Emit()
		}
	}
	return ""
}

var aRun = RunFacts{RunID: 7, JobID: [16]byte{1}, JobName: "backup", Pool: "disk", Trigger: "schedule", ScheduledAt: now, Attempt: 1, FencingToken: 9}

func TestMiddlewareMakesASpan(t *testing.T) {
	task, tracer, recorder := traced(func(ctx context.Context) error {
		if !oteltrace.SpanContextFromContext(ctx).IsValid() {
			t.Error("no span in the task's context")
		}
		return nil
	})
	ctx, caller := tracer.Start(contextOf(aRun), "caller")
	if err := task(ctx); err != nil {
		t.Fatal(err)
	}
	span := recorder.Ended()[0]
	if span.Name() != "backup" || span.SpanKind() != oteltrace.SpanKindInternal || span.Parent().IsValid() || span.Status().Code != codes.Unset {
		t.Fatal(span)
	}
	if links := span.Links(); len(links) != 1 || !links[0].SpanContext.Equal(caller.SpanContext()) {
		t.Fatal(links)
	}
	for key, want := range map[string]string{
		"gocron.job.name": "backup", "gocron.run.id": "7", "gocron.trigger": "schedule", "gocron.scheduled_at": "2026-03-10T12:00:00Z",
		"gocron.attempt": "1", "gocron.outcome": "succeeded", "gocron.pool": "disk", "gocron.fencing_token": "9", "faas.trigger": "timer",
	} {
		if got := valueOf(span, key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}

func TestMiddlewareTellsOutcomes(t *testing.T) {
	failure := errors.New("disk is full")
	cancelled, cancel := context.WithCancelCause(contextOf(aRun))
	cancel(failure)
	late, stop := context.WithTimeoutCause(contextOf(aRun), -1, errors.New(timeoutText))
	defer stop()
	deadline, stopDeadline := context.WithTimeout(contextOf(aRun), -1)
	defer stopDeadline()
	for _, tt := range []struct {
		ctx     context.Context
		err     error
		outcome string
		code    codes.Code
	}{
		{contextOf(aRun), nil, "succeeded", codes.Unset},
		{contextOf(aRun), failure, "failed", codes.Error},
		{cancelled, nil, "succeeded", codes.Unset},
		{cancelled, failure, "cancelled", codes.Unset},
		{cancelled, context.Canceled, "cancelled", codes.Unset},
		{cancelled, errors.New("other"), "failed", codes.Error},
		{deadline, context.DeadlineExceeded, "cancelled", codes.Unset},
		{late, nil, "timed-out", codes.Error},
		{late, failure, "timed-out", codes.Error},
	} {
		task, _, recorder := traced(func(context.Context) error { return tt.err })
		if err := task(tt.ctx); err != tt.err {
			t.Fatal(err)
		}
		span := recorder.Ended()[0]
		if got := valueOf(span, "gocron.outcome"); got != tt.outcome || span.Status().Code != tt.code {
			t.Errorf("%v: outcome %s, want %s, status %v", tt.err, got, tt.outcome, span.Status())
		}
		if recorded := len(span.Events()) == 1; recorded != (tt.code == codes.Error) {
			t.Errorf("%v: %v", tt.err, span.Events())
		}
	}
}

// A panic goes on.
func TestMiddlewareOfAPanic(t *testing.T) {
	task, _, recorder := traced(func(context.Context) error { panic("value") })
	func() {
		defer func() {
			if v := recover(); v != "value" {
				t.Fatal(v)
			}
		}()
		_ = task(contextOf(aRun))
	}()
	span := recorder.Ended()[0]
	if valueOf(span, "gocron.outcome") != "panicked" || span.Status().Code != codes.Error {
		t.Fatal(span.Status())
	}
}

func TestMiddlewareLinksAttempts(t *testing.T) {
	task, _, recorder := traced(func(context.Context) error { return errors.New("fails") })
	second, other := aRun, aRun
	second.Attempt, second.Trigger = 2, "retry"
	other.RunID = 8
	for _, run := range []RunFacts{aRun, other, second} {
		_ = task(contextOf(run))
	}
	spans := recorder.Ended()
	if len(spans[1].Links()) != 0 {
		t.Fatal(spans[1].Links())
	}
	if links := spans[2].Links(); len(links) != 1 || !links[0].SpanContext.Equal(spans[0].SpanContext()) {
		t.Fatal(links)
	}
}

func TestMiddlewareForgetsOldFailures(t *testing.T) {
	var failed failedAttempts
	span := oteltrace.NewSpanContext(oteltrace.SpanContextConfig{TraceID: oteltrace.TraceID{1}, SpanID: oteltrace.SpanID{1}})
	for i := uint64(1); i <= 2*maxFailed; i++ {
		failed.put(runKey{run: i}, span)
	}
	if len(failed.spans) != maxFailed || len(failed.order) != maxFailed {
		t.Fatal(len(failed.spans), len(failed.order))
	}
	_, first := failed.take(runKey{run: maxFailed})
	_, last := failed.take(runKey{run: 2 * maxFailed})
	if first || !last {
		t.Fatal(first, last)
	}
}

// What is not called by the scheduler has no span.
func TestMiddlewareOutsideOfARun(t *testing.T) {
	task, _, recorder := traced(func(context.Context) error { return nil })
	if err := task(context.Background()); err != nil || len(recorder.Ended()) != 0 {
		t.Fatal(err)
	}
}
