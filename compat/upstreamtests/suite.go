package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

const upstream = "github.com/go-co-op/gocron/v2"

//go:embed standins.txt
var standIns string

// A suite is the tests of one release in a folder of their own. Its examples are a
// package of their own, as some have the names of helpers of the tests.
type suite struct {
	dir     string
	tests   []string
	leftOut []string
}

// newSuite fills a folder with the tests as they are.
func newSuite(dir string) (*suite, error) {
	source, err := download(*version)
	if err != nil {
		return nil, err
	}
	s := &suite{dir: dir}
	if err := s.writeModule(); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(source, "*_test.go"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if err := s.add(file); err != nil {
			return nil, err
		}
	}
	if err := s.write("suite/standins_test.go", standIns); err != nil {
		return nil, err
	}
	return s, s.tidy()
}

// download gives the folder of a release in the module cache. A listing of gocron's
// releases ends before v2.22.0, so it is asked for by name.
func download(version string) (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", upstream+"@"+version).Output()
	if err != nil {
		return "", fmt.Errorf("gocron %s: %w", version, err)
	}
	var module struct{ Dir string }
	err = json.Unmarshal(out, &module)
	return module.Dir, err
}

func (s *suite) writeModule() error {
	mod := fmt.Sprintf("module upstreamtests\n\ngo 1.22\n\nrequire %s %s\n", upstream, *version)
	if !*itself {
		folder, err := filepath.Abs(*root)
		if err != nil {
			return err
		}
		mod += fmt.Sprintf("\nreplace %s => %s\n", upstream, folder)
	}
	return s.write("go.mod", mod)
}

var packageClause = regexp.MustCompile(`(?m)^package (\w+)$`)

// add puts a file in its package. A test from inside gocron's package becomes one from
// outside that imports all exported names.
func (s *suite) add(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text, folder := string(b), "examples"
	if packageClause.FindStringSubmatch(text)[1] == "gocron" {
		text = packageClause.ReplaceAllString(text, "package gocron_test\n\nimport . \""+upstream+"\"\n")
		folder = "suite"
	}
	return s.write(filepath.Join(folder, filepath.Base(file)), text)
}

func (s *suite) write(name, text string) error {
	name = filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o644)
}

func (s *suite) tidy() error {
	if out, err := s.goCommand(".", "mod", "tidy").CombinedOutput(); err != nil {
		return fmt.Errorf("go mod tidy: %w\n%s", err, out)
	}
	return nil
}

func (s *suite) goCommand(folder string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = filepath.Join(s.dir, folder)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	return cmd
}
