//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package sqlite

import (
	"errors"
	"os"
	"syscall"
)

// lockLingers is how long a lock may outlive the process that had it.
var lockLingers = noLinger

// tryLock locks file without waiting. The lock is that of the open file, not of the process: a
// second Store of the same process is refused, too.
func tryLock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errHeld
		}
		return err
	}
}

// unlock lets go of the lock, also for a child process that is just being started and has a copy of
// the open file: to close it would not be enough.
func unlock(file *os.File) { _ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }

// An identity tells files apart, whatever they are called.
type identity struct{ device, number uint64 }

// identify is the identity of the file that has the name path now. It is the zero one if there is
// none, and ok is false if that cannot be told.
func identify(path string) (id identity, ok bool) {
	var info syscall.Stat_t
	switch err := syscall.Stat(path, &info); {
	case err == nil:
		return identity{uint64(info.Dev), uint64(info.Ino)}, true
	case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ENOTDIR):
		return identity{}, true
	}
	return identity{}, false
}
