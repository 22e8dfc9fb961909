package redis

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// Option is an option of NewLocker. Given twice, the later one counts.
type Option func(*config) error

// The defaults of the options.
const (
	defaultNamespace = "gocron"
	defaultKeep      = 2 * time.Hour
	defaultTTL       = 15 * time.Second
	defaultTimeout   = 5 * time.Second
)

// What WithKeep and WithTTL, and WithRequestTimeout, take at least, and all at most.
const (
	leastLife    = time.Second
	leastTimeout = time.Millisecond
	longest      = 10 * 365 * 24 * time.Hour
)

type config struct {
	namespace string
	keep      time.Duration
	ttl       time.Duration
	timeout   time.Duration
	runLock   bool
	log       Logger
}

func newConfig(options []Option) (*config, error) {
	c := &config{
		namespace: defaultNamespace,
		keep:      defaultKeep,
		ttl:       defaultTTL,
		timeout:   defaultTimeout,
		log:       silent{},
	}
	for i, option := range options {
		if option == nil {
			return nil, fmt.Errorf("gocron/redis: NewLocker: option %d must not be nil", i)
		}
		if err := option(c); err != nil {
			return nil, fmt.Errorf("gocron/redis: %w", err)
		}
	}
	return c, nil
}

// WithNamespace sets what the keys in Redis begin with; "gocron" if not given. Nodes
// of one program have the same namespace; programs that share a server each have their
// own. Any text but the empty one will do.
func WithNamespace(namespace string) Option {
	return func(c *config) error {
		if namespace == "" {
			return errors.New("WithNamespace: namespace must not be empty")
		}
		c.namespace = namespace
		return nil
	}
}

// WithKeep sets how long a claim is kept past its scheduled time, and how long before
// that time it can be made, by the server's clock; 2 hours if not given, 1 second at
// least, ten years at most. It must be longer than the longest a run may wait before it
// starts, and the same on all nodes; to change it, stop all of them first.
func WithKeep(keep time.Duration) Option {
	return func(c *config) error {
		c.keep = keep
		return checkWithin("WithKeep: keep", keep, leastLife)
	}
}

// WithRunLock makes Claim take the run lock of the job too, so that claimed runs of one
// job do not overlap on any nodes. If the run lock is another run's, the occurrence is
// skipped: the claim stays, and Claim returns ErrTaken.
func WithRunLock() Option {
	return func(c *config) error {
		c.runLock = true
		return nil
	}
}

// WithTTL sets how long a run lock lasts when it is not renewed, because its node has
// died or is cut off; 15 seconds if not given, 1 second at least, ten years at most. It
// is renewed every third of that time.
func WithTTL(ttl time.Duration) Option {
	return func(c *config) error {
		c.ttl = ttl
		return checkWithin("WithTTL: ttl", ttl, leastLife)
	}
}

// WithRequestTimeout sets how long Redis may take to answer, from when it is asked: a
// request that fails in passing is repeated until then. It is 5 seconds if not given, 1
// millisecond at least, ten years at most. A renewal is given a quarter of the TTL, if
// that is less.
func WithRequestTimeout(timeout time.Duration) Option {
	return func(c *config) error {
		c.timeout = timeout
		return checkWithin("WithRequestTimeout: timeout", timeout, leastTimeout)
	}
}

func checkWithin(what string, d, least time.Duration) error {
	if d < least || d > longest {
		return fmt.Errorf("%s must be between %v and %v, not %v", what, least, longest, d)
	}
	return nil
}

// Logger receives what the locker reports of run locks that were lost or could not be
// renewed, and of clocks that are too far apart for claims, from several goroutines. A
// *slog.Logger is one, and so is every logger of gocron.
type Logger interface {
	Debug(msg string, args ...any)
	Info(msg string, args ...any)
	Warn(msg string, args ...any)
	Error(msg string, args ...any)
}

// WithLogger sets the logger; if not given, nothing is logged. A nil
// logger is refused.
func WithLogger(log Logger) Option {
	return func(c *config) error {
		if isNil(log) {
			return errors.New("WithLogger: logger must not be nil")
		}
		c.log = log
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

type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
