package etcd

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

const (
	defaultNamespace      = "gocron"
	defaultKeep           = 2 * time.Hour
	defaultTTL            = 15 * time.Second
	defaultRequestTimeout = 5 * time.Second

	minKeep           = time.Second
	minTTL            = 2 * time.Second
	minRequestTimeout = time.Millisecond

	// longest keeps three times WithKeep within a time.Duration, and every TTL within
	// what the server takes.
	longest = 10 * 365 * 24 * time.Hour
)

// Logger receives what a program has to hear of: a renewal that failed, a lock or a term
// that was lost, a term that began, clocks that are too far apart for claims. It is
// called concurrently. A *slog.Logger is one.
type Logger interface {
	Debug(msg string, args ...any)
	Info(msg string, args ...any)
	Warn(msg string, args ...any)
	Error(msg string, args ...any)
}

// Option is an option of NewLocker and NewElector.
type Option func(*config) error

type config struct {
	namespace      string
	keep           time.Duration
	ttl            time.Duration
	requestTimeout time.Duration
	runLock        bool
	logger         Logger
}

// newConfig checks what NewLocker or NewElector was given.
func newConfig(constructor string, client *clientv3.Client, options []Option) (config, error) {
	c := config{
		namespace:      defaultNamespace,
		keep:           defaultKeep,
		ttl:            defaultTTL,
		requestTimeout: defaultRequestTimeout,
		logger:         slog.New(slog.DiscardHandler),
	}
	if client == nil {
		return c, fmt.Errorf("gocron/etcd: %s: client must not be nil", constructor)
	}
	for i, option := range options {
		if option == nil {
			return c, fmt.Errorf("gocron/etcd: %s: option %d must not be nil", constructor, i)
		}
		if err := option(&c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// WithNamespace sets what every key begins with: programs that share an etcd but not
// their jobs need a namespace each. It is the whole of the prefix, so that a role can
// be granted it, but that "%" and ":" are escaped. The default is "gocron"; an empty
// one is refused.
func WithNamespace(namespace string) Option {
	return func(c *config) error {
		if namespace == "" {
			return errors.New("gocron/etcd: WithNamespace: namespace must not be empty")
		}
		c.namespace = namespace
		return nil
	}
}

// WithKeep sets how long before and after its scheduled time an occurrence may be
// claimed. It must be longer than the clocks of the nodes, together with the wait in a
// queue, can be apart, and the same on all nodes; to change it, stop all of them first.
// The default is two hours, so that a clock that is an hour off does no harm; the least
// is a second, the most ten years. NewElector does not use it.
func WithKeep(keep time.Duration) Option {
	return func(c *config) error {
		c.keep = keep
		return within("WithKeep", "keep", keep, minKeep)
	}
}

// WithRunLock makes Claim take the job's run lock too, so that claimed runs of one job do
// not overlap on any nodes: it is renewed during the run, and released by Unlock. When
// another run has it, Claim returns ErrTaken and the claim stays, so that the
// occurrence is skipped. NewElector does not use it.
func WithRunLock() Option {
	return func(c *config) error {
		c.runLock = true
		return nil
	}
}

// WithTTL sets how long a run lock or a leader's term lives without being renewed,
// which is how long others wait for a node that died. It is renewed every third of that
// time. The default is 15 s; the least is 2 s, the most ten years.
//
// Less than 5 s is for tests: a change of etcd's own leader takes longer than a third
// of it. The server counts whole seconds, to which a part of one is rounded up, and has
// a least TTL of its own (2 s, unless its election timeout is configured). The holder
// goes by the shorter time.
func WithTTL(ttl time.Duration) Option {
	return func(c *config) error {
		c.ttl = ttl
		return within("WithTTL", "ttl", ttl, minTTL)
	}
}

// WithRequestTimeout bounds each thing that is asked of the server, from when it is asked:
// a claim, taking a lock, releasing one. A request that fails in passing is repeated until
// then. What takes longer is an error whose EngineDown method returns true. A renewal is
// bounded by a quarter of the TTL, too. The default is 5 s; the
// least is a millisecond, the most ten years.
func WithRequestTimeout(timeout time.Duration) Option {
	return func(c *config) error {
		c.requestTimeout = timeout
		return within("WithRequestTimeout", "timeout", timeout, minRequestTimeout)
	}
}

// WithLogger sets the logger. The default is to log nothing; nil is refused.
func WithLogger(logger Logger) Option {
	return func(c *config) error {
		if isNil(logger) {
			return errors.New("gocron/etcd: WithLogger: logger must not be nil")
		}
		c.logger = logger
		return nil
	}
}

// isNil reports whether v is nil, or a nil pointer in an interface.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	value := reflect.ValueOf(v)
	return value.Kind() == reflect.Pointer && value.IsNil()
}

func within(option, what string, d, least time.Duration) error {
	if d < least || d > longest {
		return fmt.Errorf("gocron/etcd: %s: %s must be between %s and %s, not %s", option, what, least, longest, d)
	}
	return nil
}
