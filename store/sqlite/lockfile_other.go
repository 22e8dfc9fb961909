//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package sqlite

import (
	"errors"
	"os"
)

var lockLingers = noLinger

func tryLock(*os.File) error { return errors.New("files cannot be locked on this system") }

func unlock(*os.File) {}

type identity struct{}

func identify(string) (identity, bool) { return identity{}, false }
