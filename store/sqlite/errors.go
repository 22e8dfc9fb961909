package sqlite

import (
	"errors"
	"fmt"
	"strings"
	"time"

	driver "modernc.org/sqlite"
)

// What can be wrong with the file. Test for it with errors.Is. After ErrFull, ErrLocked and
// ErrReadOnly nothing was written, and the same can be asked again.
var (
	// ErrInUse is returned by Open when another program, or another Store, has the file; errors.As
	// with an *InUseError says which. It is also returned by Store.Open while a scheduler uses the
	// store.
	ErrInUse = errors.New("in use")
	// ErrFull is returned when there is no room for a row.
	ErrFull = errors.New("the disk is full: make room")
	// ErrLocked is returned when another program holds a lock on the database for longer than a
	// second.
	ErrLocked = errors.New("another program has locked the database: end what writes to it")
	// ErrReadOnly is returned when the file or its folder cannot be written.
	ErrReadOnly = errors.New("cannot be written: check owner and permissions of the file, of those beside it with -wal, -shm and .lock, and of the folder")
	// ErrCorrupt is returned when the file is damaged. The Store then writes nothing more, and
	// returns it from every method.
	ErrCorrupt = errors.New("the file is damaged, and nothing more is written to it:" +
		" move it away with its -wal file and start with a backup or without a file; `sqlite3 FILE .recover` reads what is left")
	// ErrNewer is returned by Open for a file that a later version of this package has made.
	ErrNewer = errors.New("the file was made by a later version: use that one")
	// ErrForeign is returned by Open for a file that this package did not make.
	ErrForeign = errors.New("the file is not one of this package: name another one")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("the store is closed")
)

// An Error is what the methods of a Store and Open return when they fail.
type Error struct {
	Op   string // what was asked, such as "begin"
	Path string // of the file
	Err  error  // why it failed
}

func (e *Error) Error() string {
	return "gocron/sqlite: " + e.Op + ": " + e.Path + ": " + e.Err.Error()
}

// Unwrap returns why it failed.
func (e *Error) Unwrap() error { return e.Err }

// An InUseError says who has the file. It Is ErrInUse.
type InUseError struct {
	PID   int       // 0 if it is not known
	Host  string    // the name of the machine
	Since time.Time // when it was opened, in UTC
}

func (e *InUseError) Error() string {
	if e.PID == 0 {
		return "in use by another program"
	}
	return fmt.Sprintf("in use by the process %d on %s since %s", e.PID, e.Host, e.Since.Format(time.RFC3339))
}

// Is reports whether target is ErrInUse.
func (e *InUseError) Is(target error) bool { return target == ErrInUse }

// The result codes of SQLite that matter here. An extended code has them in its lowest byte.
const (
	codeError      = 1
	codeBusy       = 5
	codeLocked     = 6
	codeReadOnly   = 8
	codeCorrupt    = 11
	codeFull       = 13
	codeCantOpen   = 14
	codeTooBig     = 18
	codeConstraint = 19
	codeMismatch   = 20
	codeNotADB     = 26
)

// codeOf is the result code of err, 0 if it is not from SQLite.
func codeOf(err error) int {
	var from *driver.Error
	if !errors.As(err, &from) {
		return 0
	}
	return from.Code() & 0xff
}

// spoilsRow reports whether err concerns one row alone: its statement was undone, and the
// transaction goes on.
func spoilsRow(err error) bool {
	switch codeOf(err) {
	case 0, codeError, codeTooBig, codeConstraint, codeMismatch:
		return true
	}
	return false
}

// explained is err as one of our own, with SQLite's words after it.
func explained(err error) error {
	for _, e := range []struct {
		code int
		as   error
	}{
		{codeBusy, ErrLocked}, {codeLocked, ErrLocked}, {codeReadOnly, ErrReadOnly}, {codeCantOpen, ErrReadOnly},
		{codeFull, ErrFull}, {codeCorrupt, ErrCorrupt}, {codeNotADB, ErrCorrupt},
	} {
		if codeOf(err) == e.code && !errors.Is(err, e.as) {
			return fmt.Errorf("%w (%w)", e.as, err)
		}
	}
	if showsDamage(err) && !errors.Is(err, ErrCorrupt) {
		return fmt.Errorf("%w (%w)", ErrCorrupt, err)
	}
	return err
}

// showsDamage reports whether err comes of a value that nobody has written, such as a text in the
// place of a number, or of a table or a column that is not there. Such errors have no code of their
// own.
func showsDamage(err error) bool {
	var signs []string
	switch codeOf(err) {
	case 0:
		signs = []string{"sql: Scan error on column"}
	case codeError:
		signs = []string{"no such ", "has no column ", " columns but "}
	}
	for _, sign := range signs {
		if err != nil && strings.Contains(err.Error(), sign) {
			return true
		}
	}
	return false
}
