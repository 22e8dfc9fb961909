package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// picture is one page in a window of a size.
type picture struct {
	name          string
	path          string
	width, height int
	dark          bool
}

// takeScreenshots writes the pictures of the docs.
func takeScreenshots(ctx context.Context, s gocron.Scheduler, address, folder string, out io.Writer) error {
	browser, err := findBrowser()
	if err != nil {
		return err
	}
	if folder, err = filepath.Abs(folder); err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err != nil {
		return err
	}
	job := func(name string) string {
		for _, j := range s.Jobs() {
			if j.Name() == name {
				return "job?id=" + j.ID().String()
			}
		}
		return ""
	}
	for _, p := range []picture{
		{"dashboard-jobs", "", 1300, 960, false},
		{"dashboard-grid", "grid", 1300, 830, false},
		{"dashboard-job", job("billing-export"), 1250, 900, false},
		{"dashboard-runs-dark", "runs", 1100, 640, true},
		{"dashboard-pause", "confirm?action=pause&tag=billing", 800, 420, false},
	} {
		file := filepath.Join(folder, p.name+".png")
		if err := p.take(ctx, browser, address, file); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err := shrink(file); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		fmt.Fprintln(out, file)
	}
	return nil
}

func findBrowser() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium here: on Debian, apt-get install chromium")
}

// take has the browser load a page, and write what it shows.
func (p picture) take(ctx context.Context, browser, address, file string) error {
	profile, err := os.MkdirTemp("", "dashboard")
	if err != nil {
		return err
	}
	defer os.RemoveAll(profile)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	args := []string{"--headless", "--disable-gpu", "--hide-scrollbars", "--user-data-dir=" + profile,
		fmt.Sprintf("--window-size=%d,%d", p.width, p.height), "--screenshot=" + file}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // which it does not start with otherwise
	}
	if p.dark {
		args = append(args, "--blink-settings=preferredColorScheme=0")
	}
	before := time.Now()
	output, err := exec.CommandContext(ctx, browser, append(args, address+p.path)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(output)))
	}
	if info, err := os.Stat(file); err != nil || info.ModTime().Before(before.Add(-time.Second)) {
		return fmt.Errorf("the browser wrote no picture: %s", strings.TrimSpace(string(output)))
	}
	return nil
}
