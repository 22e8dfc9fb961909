//go:build !unix

package conformance

import "errors"

// mayBeSuspended: there is no signal for it here.
func mayBeSuspended(Engine) bool { return false }

func (p *process) suspend() error { return errors.ErrUnsupported }
func (p *process) resume() error  { return errors.ErrUnsupported }
