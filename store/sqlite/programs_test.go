package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTwoPrograms has a second program refused, which is told of the first; and let in as soon as
// that was killed.
func TestTwoPrograms(t *testing.T) {
	path := tempFile(t)
	begun := time.Now().Add(-time.Minute)
	first, said := startChild(t, path, nil)
	if !strings.HasPrefix(said, "opened 1 ") {
		t.Fatalf("the child said %q", said)
	}
	_, err := Open(ctx(t), path)
	wantError(t, err, ErrInUse, path)
	var inUse *InUseError
	host, _ := os.Hostname()
	if !errors.As(err, &inUse) || inUse.PID != first.Process.Pid || inUse.Host != host || inUse.Since.Before(begun) {
		t.Errorf("%#v does not tell of process %d on %s", inUse, first.Process.Pid, host)
	}
	if _, said := startChild(t, path, nil); !strings.HasPrefix(said, ErrInUse.Error()) {
		t.Errorf("a third program said %q", said)
	}

	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	s := open(t, path) // its lock file is still there
	if epoch, err := s.Open(ctx(t), "node-1"); err != nil || epoch != 2 {
		t.Errorf("Open: epoch %d, %v", epoch, err)
	}
}

// TestTwoStores refuses a second Store of the same program, by whatever name.
func TestTwoStores(t *testing.T) {
	path := tempFile(t)
	s := open(t, path)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	for _, name := range []string{path, link, filepath.Join(filepath.Dir(path), ".", "jobs.db")} {
		_, err := Open(ctx(t), name)
		wantError(t, err, ErrInUse, name)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, link)
}
