package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// A server is the process of an engine.
type server struct {
	address string // what a node needs to connect, with the password
	cmd     *exec.Cmd
	log     string        // path
	ended   chan struct{} // closed when the process has
}

// startServer starts the process and returns when ping succeeds.
func startServer(ctx context.Context, cmd *exec.Cmd, dir, address string, ping func(context.Context) error) (*server, error) {
	log, err := os.Create(logPath(dir))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{address: address, cmd: cmd, log: log.Name(), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		_ = cmd.Wait() // what there is to say is in the log
	}()
	if err := s.answers(ctx, ping); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// answers returns when ping succeeds.
func (s *server) answers(ctx context.Context, ping func(context.Context) error) error {
	for {
		err := ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.ended:
			return s.failure()
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// failure is what the server has said last.
func (s *server) failure() error {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err
	}
	return fmt.Errorf("the end of its log:\n%s", tail(string(text)))
}

func tail(text string) string { return strings.TrimSpace(text[max(0, len(text)-2000):]) }

// stop ends the server, which drops its connections, and returns when it is gone.
func (s *server) stop() {
	if s.cmd.Process.Signal(os.Interrupt) != nil {
		_ = s.cmd.Process.Kill()
	}
	select {
	case <-s.ended:
	case <-time.After(closeTimeout):
		_ = s.cmd.Process.Kill()
		<-s.ended
	}
}
