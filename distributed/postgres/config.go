package postgres

import (
	"errors"
	"fmt"
	"reflect"
	"time"
	"unicode/utf8"
)

const (
	defaultNamespace = "gocron"
	defaultTable     = "gocron"
	defaultKeep      = 2 * time.Hour
	defaultTTL       = 15 * time.Second
	defaultTimeout   = 5 * time.Second

	// maxKey bounds namespaces and keys, in bytes: an index entry of PostgreSQL holds
	// some 2,700.
	maxKey = 1000

	// What WithKeep and WithTTL, and WithRequestTimeout, take at least, and all at most.
	leastLife    = time.Second
	leastTimeout = time.Millisecond
	longest      = 10 * 365 * 24 * time.Hour
)

// An Option changes how a Locker or an Elector works. Options that do not concern what
// is made are accepted and have no effect.
type Option func(*config) error

type config struct {
	namespace string
	table     string
	keep      time.Duration
	ttl       time.Duration
	timeout   time.Duration
	runLock   bool
	logger    Logger
}

// newConfig checks the options that the constructor was given.
func newConfig(constructor string, options []Option) (*config, error) {
	c := &config{
		namespace: defaultNamespace,
		table:     defaultTable,
		keep:      defaultKeep,
		ttl:       defaultTTL,
		timeout:   defaultTimeout,
		logger:    silence{},
	}
	for i, option := range options {
		if option == nil {
			return nil, fmt.Errorf("gocron/postgres: %s: option %d must not be nil", constructor, i)
		}
		if err := option(c); err != nil {
			return nil, fmt.Errorf("gocron/postgres: %w", err)
		}
	}
	return c, nil
}

// WithNamespace sets the name under which claims, run locks and leaders are kept, so
// that several programs can share the tables. The default is "gocron". It must be UTF-8
// without zero bytes, and of 1 to 1000 bytes. All nodes of a program use the same.
func WithNamespace(namespace string) Option {
	return func(c *config) error {
		c.namespace = namespace
		return checkText("WithNamespace: namespace", namespace)
	}
}

// WithTable sets the prefix of the tables' names: "gocron", the default, makes
// gocron_claims, gocron_leases, gocron_version and the sequence gocron_tokens. With a
// dot, as in "jobs.gocron", the part before it names the schema, which must exist;
// without one they are in the schema of the connection's search path that has them, or
// else in its first. That is found out once, and refused where it may be another one for
// another node: see the README. Any characters are allowed, and upper case is kept.
func WithTable(prefix string) Option {
	return func(c *config) error {
		c.table = prefix
		_, err := newNames(prefix)
		return err
	}
}

// WithKeep sets how long a claim is kept past the occurrence's scheduled time, and how
// far ahead of it the occurrence can be claimed. The default is two hours, the least one
// second, the most ten years. It must be longer than clocks can differ and than runs
// wait in a queue, and the same on all nodes; to change it, stop all of them first.
func WithKeep(keep time.Duration) Option {
	return func(c *config) error {
		c.keep = keep
		return checkWithin("WithKeep: keep", keep, leastLife)
	}
}

// WithRunLock has Claim obtain the run lock of the job too, so that claimed runs of one
// job do not overlap on any nodes. If another holds it, Claim returns ErrTaken and the claim
// stays: the occurrence is skipped.
func WithRunLock() Option {
	return func(c *config) error {
		c.runLock = true
		return nil
	}
}

// WithTTL sets for how long a run lock or a leader's term lives without being renewed.
// It is renewed every third of that time. The default is 15 seconds, the least one
// second, the most ten years.
func WithTTL(ttl time.Duration) Option {
	return func(c *config) error {
		c.ttl = ttl
		return checkWithin("WithTTL: ttl", ttl, leastLife)
	}
}

// WithRequestTimeout sets how long the database may take to answer, from when it is
// asked: a request that fails in passing is repeated until then. A renewal is bounded by a
// quarter of the TTL, too. The default is 5 seconds, the least one millisecond, the most
// ten years.
func WithRequestTimeout(timeout time.Duration) Option {
	return func(c *config) error {
		c.timeout = timeout
		return checkWithin("WithRequestTimeout: timeout", timeout, leastTimeout)
	}
}

// Logger is where failures in the background, clocks that are too far apart for claims,
// and the terms of a leader are logged. A *slog.Logger is one. Its methods may be called
// by several goroutines at once.
type Logger interface {
	Debug(msg string, args ...any)
	Info(msg string, args ...any)
	Warn(msg string, args ...any)
	Error(msg string, args ...any)
}

// WithLogger sets the logger. Without it nothing is logged. Nil is refused.
func WithLogger(logger Logger) Option {
	return func(c *config) error {
		if isNil(logger) {
			return errors.New("WithLogger: logger must not be nil")
		}
		c.logger = logger
		return nil
	}
}

type silence struct{}

func (silence) Debug(string, ...any) {}
func (silence) Info(string, ...any)  {}
func (silence) Warn(string, ...any)  {}
func (silence) Error(string, ...any) {}

// isNil reports whether v is nil, or a nil pointer in an interface.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	value := reflect.ValueOf(v)
	return value.Kind() == reflect.Pointer && value.IsNil()
}

func checkWithin(what string, d, least time.Duration) error {
	if d < least || d > longest {
		return fmt.Errorf("%s must be between %v and %v, not %v", what, least, longest, d)
	}
	return nil
}

// checkText refuses what a column of an index cannot hold.
func checkText(what, text string) error {
	switch {
	case text == "":
		return fmt.Errorf("%s must not be empty", what)
	case len(text) > maxKey:
		return fmt.Errorf("%s must have at most %d bytes, not %d: %.20q…", what, maxKey, len(text), text)
	case !utf8.ValidString(text):
		return fmt.Errorf("%s must be UTF-8, not %q", what, text)
	}
	for i := range len(text) {
		if text[i] == 0 {
			return fmt.Errorf("%s must have no zero byte: %q", what, text)
		}
	}
	return nil
}
