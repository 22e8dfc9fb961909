package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// childVariable holds, in the environment of a child, its childSpec.
const childVariable = "GOCRON_EXAMPLE_CLUSTER_CHILD"

// A childSpec says what a child of this program, which is this program again, does: it
// keeps the engine, or is a node.
type childSpec struct {
	Engine string
	Node   string        // name; "" to keep the engine
	Offset time.Duration // of the node's clock

	Address string // of the engine; for a node
}

// serveChild does what a child does, if this process is one. It returns when there is
// nothing more to read, so that no child outlives its parent.
func serveChild() (isChild bool, err error) {
	text, isChild := os.LookupEnv(childVariable)
	if !isChild {
		return false, nil
	}
	var spec childSpec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return true, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	if spec.Node == "" {
		return true, serveEngine(ctx, engines[spec.Engine], os.Stdout)
	}
	return true, serveNode(ctx, spec, os.Stdout)
}

// A child is a process as its parent sees it.
type child struct {
	cmd   *exec.Cmd
	stdin io.Closer
	ended chan struct{} // closed when it is gone and all that it wrote was taken
	err   error         // why it has ended, then
}

// startChild starts a child and has every line that it writes taken.
func startChild(spec childSpec, take func(line []byte)) (*child, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	setApart(cmd)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, stdin: stdin, ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			take(lines.Bytes())
		}
		if err := cmd.Wait(); err != nil {
			c.err = fmt.Errorf("%w %s", err, tail(complaints.String()))
		}
	}()
	return c, nil
}

// leave tells the child to end in good order.
func (c *child) leave() { _ = c.stdin.Close() }

// kill ends the child as a crash would.
func (c *child) kill() { _ = c.cmd.Process.Kill() }

// startEngine starts the child that keeps the engine and returns it with the engine's
// address.
func startEngine(ctx context.Context, name string) (*child, string, error) {
	address := make(chan string, 1)
	var once sync.Once
	keeper, err := startChild(childSpec{Engine: name}, func(line []byte) {
		once.Do(func() { address <- string(line) })
	})
	if err != nil {
		return nil, "", err
	}
	select {
	case a := <-address:
		return keeper, a, nil
	case <-ctx.Done():
		keeper.leave()
		<-keeper.ended
		return nil, "", context.Cause(ctx)
	case <-keeper.ended:
		return nil, "", errors.Join(errors.New("the engine did not start"), keeper.err)
	}
}
