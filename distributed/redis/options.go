package redis

import (
	"errors"
	"fmt"
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

// shortest is the least that WithKeep and WithTTL take.
const shortest = time.Second

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
			return nil, fmt.Errorf("gocron/redis: NewLocker: option %d is nil", i)
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
			return errors.New("WithNamespace: the namespace is empty")
		}
		c.namespace = namespace
		return nil
	}
}

// WithKeep sets how long a claim is kept past its scheduled time, and how long before
// that time it can be made, by the server's clock; 2 hours if not given, 1 second at
// least. Choose more than the longest a run may wait before it starts.
func WithKeep(keep time.Duration) Option {
	return func(c *config) error {
		if keep < shortest {
			return fmt.Errorf("WithKeep: %v is less than %v", keep, shortest)
		}
		c.keep = keep
		return nil
	}
}

// WithRunLock makes Claim take the run lock of the job too, so that runs of one job
// never overlap on different nodes. If the run lock is another run's, the occurrence is
// skipped: the claim stays, and Claim returns ErrTaken.
func WithRunLock() Option {
	return func(c *config) error {
		c.runLock = true
		return nil
	}
}

// WithTTL sets how long a run lock lasts when it is not renewed, because its node has
// died or is cut off; 15 seconds if not given, 1 second at least. It is renewed every
// third of that time.
func WithTTL(ttl time.Duration) Option {
	return func(c *config) error {
		if ttl < shortest {
			return fmt.Errorf("WithTTL: %v is less than %v", ttl, shortest)
		}
		c.ttl = ttl
		return nil
	}
}

// WithRequestTimeout bounds each request to Redis, the client's own retries included;
// 5 seconds if not given. A renewal is given a third of the TTL, if that is less.
func WithRequestTimeout(timeout time.Duration) Option {
	return func(c *config) error {
		if timeout <= 0 {
			return fmt.Errorf("WithRequestTimeout: %v is not positive", timeout)
		}
		c.timeout = timeout
		return nil
	}
}

// Logger receives what the locker reports about the renewal of run locks, from several
// goroutines. A *slog.Logger is one, and so is every logger of gocron.
type Logger interface {
	Debug(msg string, args ...any)
	Info(msg string, args ...any)
	Warn(msg string, args ...any)
	Error(msg string, args ...any)
}

// WithLogger sets where failed renewals are reported; if not given, nowhere. A nil
// logger is refused.
func WithLogger(log Logger) Option {
	return func(c *config) error {
		if log == nil {
			return errors.New("WithLogger: the logger is nil")
		}
		c.log = log
		return nil
	}
}

type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
