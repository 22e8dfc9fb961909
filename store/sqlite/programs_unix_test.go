//go:build unix

package sqlite

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReadOnly opens a file that cannot be written, and one in a folder that cannot. The permissions
// do not bind root, who runs the program as somebody else.
func TestReadOnly(t *testing.T) {
	folder, err := os.MkdirTemp("/tmp", "gocron")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	test := filepath.Join(folder, "test") // where others may run it
	write(t, test, program)
	path := filepath.Join(folder, "jobs.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	chmod := func(path string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	chmod(test, 0o755)
	asOther := func(cmd *exec.Cmd) {
		cmd.Path = test
		if os.Getuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
	}
	refused := func(what string) {
		t.Helper()
		_, said := startChild(t, path, asOther)
		if !strings.HasPrefix(said, ErrReadOnly.Error()) || !strings.Contains(said, path) {
			t.Errorf("%s: the program said %q", what, said)
		}
	}
	chmod(folder, 0o555)
	chmod(path+".lock", 0o444)
	refused("a folder")
	chmod(folder, 0o777)
	chmod(path+".lock", 0o666)
	chmod(path, 0o444)
	refused("a file")
	for _, suffix := range []string{"", "-wal", "-shm"} { // SQLite makes these with the permissions of the first
		if _, err := os.Stat(path + suffix); err == nil {
			chmod(path+suffix, 0o666)
		}
	}
	if _, said := startChild(t, path, asOther); !strings.HasPrefix(said, "opened") {
		t.Errorf("with all permissions the program said %q", said)
	}
}
