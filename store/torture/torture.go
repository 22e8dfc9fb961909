package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"sync/atomic"
	"time"
)

// A torture is one series of kills.
type torture struct {
	out    io.Writer
	kills  int
	life   time.Duration // of a process, at most
	seed   int64
	folder string
	busy   int    // loops beside it
	clock  string // how it is moved
}

// pause is how long nothing runs between two processes, at most.
const pause = 150 * time.Millisecond

// run kills processes, has a last one end by itself, and makes up the account. It reports whether
// that is right.
func (t *torture) run() (ok bool, err error) {
	if _, is := moves[t.clock]; !is && t.clock != keeps {
		return false, fmt.Errorf("-clock %s: it must be %s or %s", t.clock, sleeps, steps)
	} else if is && !clockMoves {
		return false, fmt.Errorf("-clock %s: it needs the overlay and the tag of scripts/walltime -write", t.clock)
	}
	if t.folder == "" {
		if t.folder, err = os.MkdirTemp("", "torture"); err != nil {
			return false, err
		}
		defer func() {
			if ok {
				_ = os.RemoveAll(t.folder)
			} else {
				fmt.Fprintln(t.out, "the files are in", t.folder)
			}
		}()
	} else if err := os.MkdirAll(t.folder, 0o755); err != nil {
		return false, err
	}
	p := plan{
		Folder: t.folder, Seed: t.seed, Base: time.Now().UTC().Truncate(time.Millisecond).Add(200 * time.Millisecond),
		Length: time.Duration(t.kills) * (t.life + pause) / 2, Clock: t.clock,
	}
	var over atomic.Bool
	defer over.Store(true)
	for range t.busy {
		go func() {
			for !over.Load() {
			}
		}()
	}
	draw := rand.New(rand.NewSource(t.seed))
	started := 0
	for p.Child = 1; p.Child <= t.kills; p.Child++ {
		began, err := t.kill(p, time.Duration(draw.Int63n(int64(t.life))))
		if err != nil {
			return false, fmt.Errorf("process %d: %w", p.Child, err)
		}
		if began {
			started++
		}
		if p.Child%100 == 0 {
			fmt.Fprintf(t.out, "%d kills in %v\n", p.Child, time.Since(p.Base).Round(time.Second))
		}
		time.Sleep(time.Duration(draw.Int63n(int64(pause))))
	}
	p.Last = true
	if err := p.save(); err != nil {
		return false, err
	}
	if err := t.command(p).Run(); err != nil {
		return false, fmt.Errorf("the last process: %w", err)
	}
	fmt.Fprintf(t.out, "seed %d: %d kills, %d of them after Start, in %v\n", t.seed, t.kills, started, time.Since(p.Base).Round(time.Second))
	a, err := makeAccount(p)
	if err != nil {
		return false, err
	}
	return a.print(t.out), nil
}

// again makes up the account of an earlier series.
func (t *torture) again() (bool, error) {
	p, err := loadPlan(t.folder)
	if err != nil {
		return false, err
	}
	a, err := makeAccount(p)
	if err != nil {
		return false, err
	}
	return a.print(t.out), nil
}

func (t *torture) command(p plan) *exec.Cmd {
	text, _ := json.Marshal(p)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), planVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	return cmd
}

// kill runs a process for a while and kills it. It reports whether its scheduler was started.
func (t *torture) kill(p plan, life time.Duration) (started bool, err error) {
	cmd := t.command(p)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := cmd.Start(); err != nil {
		return false, err
	}
	time.Sleep(life)
	if err := cmd.Process.Kill(); err != nil {
		return false, fmt.Errorf("it ended by itself: %w", err)
	}
	said, _ := io.ReadAll(stdout)
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code >= 0 {
		return false, fmt.Errorf("it ended by itself, with status %d", code)
	}
	return len(said) > 0, nil
}
