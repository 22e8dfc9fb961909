package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
)

const gocron = "github.com/go-co-op/gocron/v2"

// The names by which a child process knows what it is to run a program on.
const (
	theirSide = "theirs"
	ourSide   = "ours"
)

// A side is a scheduler that the programs run on.
type side struct {
	title  string
	name   string // theirSide or ourSide
	binary string // this command, linked with that scheduler
	folder string // made for the binary, if there is one
}

// sides are the columns of the table, ours the last.
func sides() ([]side, error) {
	all := []side{{title: "gocron " + linked(), name: theirSide, binary: os.Args[0]}}
	if *also != "" {
		other, err := linkedWith(*also)
		if err != nil {
			return nil, err
		}
		all = append(all, other)
	}
	return append(all, side{title: "here", name: ourSide, binary: os.Args[0]}), nil
}

func cleanUp(sides []side) {
	for _, s := range sides {
		if s.folder != "" {
			_ = os.RemoveAll(s.folder)
		}
	}
}

// linked is the release of gocron that go.mod names.
func linked() string {
	info, _ := debug.ReadBuildInfo()
	for _, m := range info.Deps {
		if m.Path == gocron {
			return m.Version
		}
	}
	return "(unknown)"
}

// linkedWith builds this command with another release of gocron, by a go.mod of its own.
// It has to run in compat/, as go run does.
func linkedWith(version string) (side, error) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		return side{}, err
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		return side{}, err
	}
	folder, err := os.MkdirTemp("", "defects")
	if err != nil {
		return side{}, err
	}
	other := side{title: "gocron " + version, name: theirSide, binary: filepath.Join(folder, "defects"), folder: folder}
	mod = bytes.Replace(mod, []byte(gocron+" "+linked()), []byte(gocron+" "+version), 1)
	err = errors.Join(
		os.WriteFile(filepath.Join(folder, "other.mod"), mod, 0o644),
		os.WriteFile(filepath.Join(folder, "other.sum"), sum, 0o644))
	if err == nil {
		build := exec.Command("go", "build", "-mod=mod", "-modfile="+filepath.Join(folder, "other.mod"), "-o", other.binary, "./defects")
		var out []byte
		if out, err = build.CombinedOutput(); err != nil {
			err = fmt.Errorf("with gocron %s: %w\n%s", version, err, out)
		}
	}
	if err != nil {
		_ = os.RemoveAll(folder)
	}
	return other, err
}
