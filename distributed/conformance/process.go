package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
)

// A process is a node in a process of its own, as its parent sees it.
type process struct {
	name   string
	ledger *ledger
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	ended  chan struct{} // closed when it is gone and all that it wrote is in the ledger

	mu     sync.Mutex
	mayEnd bool // killed or told to close
}

// startProcess starts a program, this one if it is empty, as a node. What the node writes
// goes into the ledger.
func startProcess(program string, spec nodeSpec, l *ledger) (*process, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	if program == "" {
		if program, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	p := &process{name: spec.Config.Name, ledger: l, cmd: exec.Command(program), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), nodeVariable+"="+string(text))
	var complaints bytes.Buffer
	p.cmd.Stderr = &complaints
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.ended)
		p.read(stdout)
		if err := p.cmd.Wait(); !p.ending() {
			l.fail(fmt.Errorf("node %s has ended: %v: %s", p.name, err, tail(complaints.String())))
		}
	}()
	return p, nil
}

// tail is the end of a long text.
func tail(s string) string { return s[max(0, len(s)-2000):] }

// longestLine has room for what comes of a herd.
const longestLine = 1 << 20

// read puts into the ledger what the node writes. Of a node that is killed the last line
// may not be whole.
func (p *process) read(stdout io.Reader) {
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			p.ledger.add(e)
		}
	}
}

func (p *process) ending() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mayEnd
}

func (p *process) setEnding() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mayEnd = true
}

// tell has the node do something; it reports when it has.
func (p *process) tell(command string) error {
	if command == "close" {
		p.setEnding()
	}
	_, err := io.WriteString(p.stdin, command+"\n")
	return err
}

// kill ends the process as a crash would, and returns when it is gone.
func (p *process) kill() {
	p.setEnding()
	p.cmd.Process.Kill()
	<-p.ended
}
