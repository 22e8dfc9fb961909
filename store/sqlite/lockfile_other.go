//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package sqlite

import (
	"errors"
	"os"
)

func tryLock(*os.File) error { return errors.New("files cannot be locked on this system") }
