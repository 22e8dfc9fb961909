package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// A lockFile keeps other programs out. The operating system lets go of it when the process dies,
// however that happens. What is written in it only tells who has it. It is never removed: another
// process could have opened it already.
type lockFile struct {
	path string
	file *os.File
	id   identity // of the file, if known
}

// An owner is what a lock file says of who holds it.
type owner struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// errHeld is returned by tryLock when another has the lock.
var errHeld = errors.New("held by another")

const noLinger time.Duration = 0

// lockPause comes before a lock that may be a dead process's is tried again.
var lockPause = func() { time.Sleep(20 * time.Millisecond) }

// takeLock takes the lock file at path. Its error Is ErrInUse if another has it.
func takeLock(path string) (*lockFile, error) {
	for since := time.Now(); ; lockPause() {
		l, err := tryLockFile(path)
		if !errors.Is(err, ErrInUse) || time.Since(since) >= lockLingers {
			return l, err
		}
	}
}

func tryLockFile(path string) (*lockFile, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrReadOnly, err)
	}
	if err := tryLock(file); err != nil {
		defer file.Close()
		if errors.Is(err, errHeld) {
			return nil, readOwner(file)
		}
		return nil, err
	}
	l := &lockFile{path: path, file: file}
	l.id, _ = identify(path)
	_ = l.sign() // it is as good unsigned; if the disk is full, what is written next says so
	return l, nil
}

// renew takes the lock again if its file was removed, which would let another program in. Its error
// Is ErrInUse if one has come in. It reports whether one may have been in meanwhile.
func (l *lockFile) renew() (renewed bool, err error) {
	if id, ok := identify(l.path); !ok || id == l.id {
		return false, nil
	}
	again, err := tryLockFile(l.path)
	if err != nil {
		return false, err
	}
	l.release()
	*l = *again
	return true, nil
}

// sign writes down who has the lock.
func (l *lockFile) sign() error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	text, err := json.Marshal(owner{PID: os.Getpid(), Host: host, Since: time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(append(text, '\n'), 0)
	return err
}

// readOwner is who says in file that he has the lock.
func readOwner(file *os.File) *InUseError {
	var o owner
	text, err := io.ReadAll(io.NewSectionReader(file, 0, 4096))
	if err != nil || json.Unmarshal(text, &o) != nil {
		return &InUseError{} // it was locked, and is not signed yet
	}
	return &InUseError{PID: o.PID, Host: o.Host, Since: o.Since}
}

// release lets go of the lock. The file stays, empty.
func (l *lockFile) release() {
	_ = l.file.Truncate(0)
	unlock(l.file)
	_ = l.file.Close()
}
