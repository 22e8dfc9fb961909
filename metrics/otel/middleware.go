package otel

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Middleware makes a job option, or what else with returns, by which each attempt of a run has a
// span, named after the job:
//
//	otel.Middleware(gocron.WithMiddleware, gocron.RunFromContext, tracer)
//
// The span is in the task's context. It is a root span, for a run is its own beginning, with links
// to the span of the caller of RunAndWait and to that of the attempt before. (RunNow takes no
// context, so nobody knows its caller.) A run that does not start has none. Attributes say which run
// of which job it is, when it was due, and how the attempt ended; an error, a panic and a timeout are
// recorded and are the span's status.
func Middleware[F ~func(context.Context) error, R Run, O any](
	with func(...func(F) F) O, fromContext func(context.Context) (R, bool), tracer trace.Tracer,
) O {
	t := &tracing{tracer: tracer, facts: func(ctx context.Context) (RunFacts, bool) {
		run, is := fromContext(ctx)
		if !is {
			return RunFacts{}, false
		}
		return run.Facts(), true
	}}
	return with(func(next F) F {
		return func(ctx context.Context) error { return t.attempt(ctx, next) }
	})
}

type tracing struct {
	tracer trace.Tracer
	facts  func(context.Context) (RunFacts, bool)
	failed failedAttempts
}

// attempt makes one attempt in a span.
func (t *tracing) attempt(ctx context.Context, next func(context.Context) error) error {
	run, is := t.facts(ctx)
	if !is {
		return next(ctx)
	}
	ctx, span := t.tracer.Start(ctx, run.JobName, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindInternal),
		trace.WithLinks(t.links(ctx, &run)...), trace.WithAttributes(attributes(&run)...))
	outcome, err := "panicked", errPanic // unless it returns
	defer func() {
		t.end(ctx, span, &run, outcome, err)
	}()
	err = next(ctx)
	outcome = outcomeOf(ctx, err)
	return err
}

// errPanic stands for what is not known here: whoever recovers the panic sees its value.
var errPanic = errors.New("the task panicked or ended its goroutine")

func attributes(run *RunFacts) []attribute.KeyValue {
	list := []attribute.KeyValue{
		attribute.String("faas.trigger", "timer"),
		attribute.String("gocron.job.name", run.JobName),
		attribute.Int64("gocron.run.id", int64(run.RunID)),
		attribute.String("gocron.trigger", run.Trigger),
		attribute.String("gocron.scheduled_at", run.ScheduledAt.Format(time.RFC3339Nano)),
		attribute.Int("gocron.attempt", run.Attempt),
	}
	if run.Pool != "" {
		list = append(list, attribute.String("gocron.pool", run.Pool))
	}
	if run.FencingToken != 0 {
		list = append(list, attribute.Int64("gocron.fencing_token", run.FencingToken))
	}
	return list
}

// links are those to the caller's span and to that of the attempt before.
func (t *tracing) links(ctx context.Context, run *RunFacts) (links []trace.Link) {
	if caller := trace.SpanContextFromContext(ctx); caller.IsValid() {
		links = append(links, trace.Link{SpanContext: caller, Attributes: []attribute.KeyValue{attribute.String("gocron.link", "caller")}})
	}
	if before, has := t.failed.take(runKey{run.JobID, run.RunID}); has {
		links = append(links, trace.Link{SpanContext: before, Attributes: []attribute.KeyValue{attribute.String("gocron.link", "attempt before")}})
	}
	return links
}

// outcomeOf is how an attempt ended, as far as it can be told from its context.
func outcomeOf(ctx context.Context, err error) string {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded) && cause.Error() == timeoutText:
		return "timed-out"
	case err == nil:
		return "succeeded"
	case cause != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, cause)):
		return "cancelled"
	default:
		return "failed"
	}
}

// timeoutText is that of the error by which the scheduler ends the context of a task that takes too
// long.
const timeoutText = "gocron: run exceeded its timeout"

func (t *tracing) end(ctx context.Context, span trace.Span, run *RunFacts, outcome string, err error) {
	span.SetAttributes(attribute.String("gocron.outcome", outcome))
	switch outcome {
	case "succeeded", "cancelled":
	case "timed-out":
		if err == nil {
			err = context.Cause(ctx)
		}
		fallthrough
	default:
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
		t.failed.put(runKey{run.JobID, run.RunID}, span.SpanContext())
	}
	span.End()
}

type runKey struct {
	job [16]byte
	run uint64
}

// maxFailed bounds how many attempts that failed are remembered. Whether there will be another
// attempt nobody knows here.
const maxFailed = 1024

// failedAttempts are the spans of attempts that have failed, by their runs: the latest.
type failedAttempts struct {
	mu    sync.Mutex
	spans map[runKey]trace.SpanContext
	order []runKey // a ring, of which next is the oldest
	next  int
}

func (f *failedAttempts) put(key runKey, span trace.SpanContext) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.spans == nil {
		f.spans = make(map[runKey]trace.SpanContext)
	}
	f.spans[key] = span
	if len(f.order) < maxFailed {
		f.order = append(f.order, key)
		return
	}
	if oldest := f.order[f.next]; oldest != key {
		delete(f.spans, oldest)
	}
	f.order[f.next] = key
	f.next = (f.next + 1) % maxFailed
}

func (f *failedAttempts) take(key runKey) (trace.SpanContext, bool) {
	if key.run == 0 {
		return trace.SpanContext{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	span, has := f.spans[key]
	delete(f.spans, key)
	return span, has
}
