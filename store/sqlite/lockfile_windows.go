package sqlite

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// lockLingers is how long a lock may outlive the process that had it: the system lets go of it, but
// does not say when.
var lockLingers = time.Second

// lockedByte is far behind what is written in the file: others may read that, but not a byte that
// is locked.
const lockedByte = 1 << 20

// tryLock locks file without waiting. The lock is that of the open file: a second Store of the same
// process is refused, too.
func tryLock(file *os.File) error {
	err := windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{Offset: lockedByte})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return errHeld
	}
	return err
}

// unlock lets go of the lock. When the file is closed the system does so, but perhaps later.
func unlock(file *os.File) {
	_ = windows.UnlockFileEx(windows.Handle(file.Fd()), 0, 1, 0, &windows.Overlapped{Offset: lockedByte})
}

// An identity tells files apart. There is no need to here: nobody can move or delete a file that is
// open.
type identity struct{}

func identify(string) (identity, bool) { return identity{}, false }
