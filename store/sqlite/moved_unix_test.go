//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestMoved has the file, or its folder, moved, deleted or replaced while it is open. Nothing is
// written that the next program would not find; when the file is back, all goes on.
func TestMoved(t *testing.T) {
	for name, c := range map[string]struct {
		away func(path string) error
		back func(path string) error // nil if the file is gone
	}{
		"moved":   {func(path string) error { return os.Rename(path, path+".away") }, func(path string) error { return os.Rename(path+".away", path) }},
		"deleted": {os.Remove, nil},
		"replaced": {func(path string) error {
			if err := os.Rename(path, path+".away"); err != nil {
				return err
			}
			return os.WriteFile(path, []byte("something else"), 0o644)
		}, func(path string) error { return os.Rename(path+".away", path) }},
		"folder moved": {func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".away") },
			func(path string) error { return os.Rename(filepath.Dir(path)+".away", filepath.Dir(path)) }},
		"folder deleted": {func(path string) error { return os.RemoveAll(filepath.Dir(path)) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "folder")
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, "jobs.db")
			s := open(t, path)
			begin(t, s, occurrence("a", 1))
			if err := c.away(path); err != nil {
				t.Fatal(err)
			}
			begun, err := s.Begin(ctx(t), occurrence("a", 2))
			wantError(t, err, ErrReadOnly, path, "moved, deleted or replaced", "a-2")
			if begun {
				t.Error("the run has begun")
			}
			_, err = s.Write(ctx(t), []Run{ended(occurrence("a", 1))}, nil)
			wantError(t, err, ErrReadOnly, "moved")
			_, err = s.History(ctx(t), "a", noon, noon, 0)
			wantError(t, err, ErrReadOnly, "moved")
			if c.back == nil {
				return
			}
			if err := c.back(path); err != nil {
				t.Fatal(err)
			}
			begin(t, s, occurrence("a", 2))
			if got := loaded(t, open2(t, s, path)); len(got) != 2 {
				t.Errorf("there is %v, want two runs", got)
			}
		})
	}
}

// TestLockFileRemoved has somebody remove the lock file of a program that runs. It has a new one with
// the next row; but if another program was quicker, it writes nothing beside it.
func TestLockFileRemoved(t *testing.T) {
	path := tempFile(t)
	remove := func() {
		if err := os.Remove(path + ".lock"); err != nil {
			t.Fatal(err)
		}
	}
	first := open(t, path)
	remove()
	begin(t, first, occurrence("a", 1))
	_, err := Open(ctx(t), path)
	wantError(t, err, ErrInUse)

	remove()
	second := open(t, path)
	begin(t, second, occurrence("a", 2))
	_, err = first.Begin(ctx(t), occurrence("a", 3))
	wantError(t, err, ErrInUse, path)
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}

	begin(t, first, occurrence("a", 3))
	remove()
	third := open(t, path)
	begin(t, third, occurrence("a", 4))
	if err := third.Close(); err != nil {
		t.Fatal(err)
	}
	other := occurrence("a", 4)
	other.Run = "another"
	if begun, err := first.Begin(ctx(t), other); begun || err != nil {
		t.Errorf("Begin of an occurrence that the other program has run: %v, %v", begun, err)
	}
}

// TestStaleLockFile opens a file whose lock file names a process that runs, but is another than the
// one that has signed it.
func TestStaleLockFile(t *testing.T) {
	path := tempFile(t)
	write(t, path+".lock", []byte(`{"pid":1,"host":"web-1","since":"2026-03-14T12:00:00Z"}`+"\n"))
	open(t, path)
	_, err := Open(ctx(t), path)
	wantError(t, err, ErrInUse, fmt.Sprint("process ", os.Getpid()))
}

// TestUnsignedLock has a lock file in which nothing can be written, as on a full disk; here it is a pipe.
// It keeps others out all the same.
func TestUnsignedLock(t *testing.T) {
	path := tempFile(t)
	if err := syscall.Mkfifo(path+".lock", 0o644); err != nil {
		t.Skip(err)
	}
	begin(t, open(t, path), occurrence("a", 1))
	_, err := Open(ctx(t), path)
	wantError(t, err, ErrInUse, "another program")
}

// TestLockLingers waits for a lock that the system has not let go of yet.
func TestLockLingers(t *testing.T) {
	path := tempFile(t)
	dead, err := takeLock(path + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	pause := lockPause
	t.Cleanup(func() { lockLingers, lockPause = noLinger, pause })
	lockLingers, lockPause = time.Hour, dead.release
	open(t, path)
}

// TestUnlock lets go of a lock whose file a child process has open, too, as it is just being started.
func TestUnlock(t *testing.T) {
	path := tempFile(t)
	s := open(t, path)
	child, err := syscall.Dup(int(s.lock.file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(child)
	open2(t, s, path)
}
