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
type lockFile struct{ file *os.File }

// An owner is what a lock file says of who holds it.
type owner struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// errHeld is returned by tryLock when another has the lock.
var errHeld = errors.New("held by another")

// takeLock takes the lock file at path. Its error Is ErrInUse if another has it.
func takeLock(path string) (*lockFile, error) {
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
	l := &lockFile{file}
	if err := l.sign(); err != nil {
		l.release()
		return nil, err
	}
	return l, nil
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
	_ = l.file.Close()
}
