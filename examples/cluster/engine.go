package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

const (
	// namespace and leader are the same on all nodes.
	namespace = "example"
	leader    = "leader"

	// ttl is how long run locks and the leader's term outlive a node that was killed.
	ttl = 3 * time.Second

	startTimeout = time.Minute
	closeTimeout = 10 * time.Second
)

// An engine is what the nodes claim occurrences in.
type engine struct {
	title   string
	install string // what to do when it is not here
	elects  bool

	// find returns an error if the engine's programs are not here.
	find func() error
	// start starts a server that keeps its data in dir.
	start func(ctx context.Context, dir string) (*server, error)
	// join connects a node to the server at address.
	join func(ctx context.Context, address string) (*member, error)
}

var engines = map[string]*engine{"postgres": postgresEngine, "redis": redisEngine}

// A member is a node's connection to the engine.
type member struct {
	claims  gocron.Locker
	runLock gocron.Locker  // claims, and the run lock of the job
	elector gocron.Elector // nil if the engine has none
	close   func(context.Context) error
}

// findEngine returns the engine of that name, or any that is here for "".
func findEngine(name string) (string, error) {
	if name != "" {
		e := engines[name]
		if err := e.find(); err != nil {
			return "", fmt.Errorf("%w. %s", err, e.install)
		}
		return name, nil
	}
	var errs []error
	for _, name := range []string{"postgres", "redis"} {
		err := engines[name].find()
		if err == nil {
			return name, nil
		}
		errs = append(errs, fmt.Errorf("%w. %s", err, engines[name].install))
	}
	return "", fmt.Errorf("an engine is needed, one of these:\n%w", errors.Join(errs...))
}

// serveEngine is the child that keeps the engine: it starts the server in a folder of
// its own, writes the address to out, and stops the server and removes the folder when
// ctx ends. As a child it does so also when its parent was killed.
func serveEngine(ctx context.Context, e *engine, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "gocron-cluster-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	s, err := e.start(starting, dir)
	if err != nil {
		return fmt.Errorf("%s did not start: %w", e.title, err)
	}
	defer s.stop()
	if _, err := fmt.Fprintln(out, s.address); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case <-s.ended:
		return fmt.Errorf("%s has ended: %w", e.title, s.failure())
	}
}

// freePort returns a port of the loopback interface that nobody listens on.
func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}

func logPath(dir string) string { return filepath.Join(dir, "server.log") }
