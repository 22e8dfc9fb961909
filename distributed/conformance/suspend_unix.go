//go:build unix

package conformance

import "syscall"

// mayBeSuspended reports whether the case of a suspended leader can be played.
func mayBeSuspended(e Engine) bool { return e.Elector }

// suspend makes the process stand still, and resume go on.
func (p *process) suspend() error { return p.cmd.Process.Signal(syscall.SIGSTOP) }
func (p *process) resume() error  { return p.cmd.Process.Signal(syscall.SIGCONT) }
