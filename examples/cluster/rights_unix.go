//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// rights are the rights of the user as whom a server runs: nil for this user.
type rights struct{ credential *syscall.Credential }

// lessRights are the rights of the user postgres if this is root, whom PostgreSQL's programs
// refuse to run as.
func lessRights() (rights, error) {
	if os.Geteuid() != 0 {
		return rights{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return rights{}, fmt.Errorf("as root PostgreSQL is run by the user postgres: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return rights{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, errors.Join(err, err2)
}

// own gives a folder to the user.
func (r rights) own(dir string) error {
	if r.credential == nil {
		return nil
	}
	return os.Chown(dir, int(r.credential.Uid), int(r.credential.Gid))
}

// apply makes cmd one that runs with these rights.
func (r rights) apply(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: r.credential}
}

// setApart keeps the Ctrl-C that ends this program in good order from its children, and
// from theirs.
func setApart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
