package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"
)

const (
	maxConfig = 1 << 20 // bytes
	minEvery  = 100 * time.Millisecond
)

// config is the content of the configuration file; see example.json.
type config struct {
	Limit     uint     `json:"limit"`      // checks that may go on at a time
	TestLimit uint     `json:"test_limit"` // tests, beside them
	TestQueue uint     `json:"test_queue"` // tests that may wait
	Timeout   duration `json:"timeout"`    // of one attempt of a check or test
	Attempts  int      `json:"attempts"`
	Backoff   duration `json:"backoff"` // before the second attempt, at most
	Targets   []target `json:"targets"`
}

type target struct {
	Name  string   `json:"name"`
	URL   string   `json:"url"`
	Every duration `json:"every"`
	Tags  []string `json:"tags"`
}

// duration is a time.Duration that is written as "1m30s" in JSON.
type duration time.Duration

func (d *duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	parsed, err := time.ParseDuration(text)
	*d = duration(parsed)
	return err
}

func loadConfig(path string) (config, error) {
	file, err := os.Open(path)
	if err != nil {
		return config{}, err
	}
	defer file.Close()
	cfg, err := parseConfig(file)
	if err != nil {
		return config{}, fmt.Errorf("%s: %w", path, err)
	}
	return cfg, nil
}

func parseConfig(r io.Reader) (config, error) {
	cfg := config{
		Limit:     1,
		TestLimit: 1,
		TestQueue: 100,
		Timeout:   duration(10 * time.Second),
		Attempts:  3,
		Backoff:   duration(time.Second),
	}
	decoder := json.NewDecoder(io.LimitReader(r, maxConfig))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&cfg); err != nil {
		return config{}, err
	}
	return cfg, cfg.check()
}

func (c config) check() error {
	switch {
	case c.Limit < 1 || c.TestLimit < 1 || c.TestQueue < 1:
		return errors.New("limit, test_limit and test_queue must be at least 1")
	case c.Timeout <= 0 || c.Backoff <= 0:
		return errors.New("timeout and backoff must be more than 0")
	case c.Attempts < 2:
		return errors.New("attempts must be at least 2")
	case len(c.Targets) == 0:
		return errors.New("there are no targets")
	}
	seen := map[string]bool{}
	for _, t := range c.Targets {
		if err := t.check(); err != nil {
			return fmt.Errorf("target %q: %w", t.Name, err)
		}
		if seen[t.Name] {
			return fmt.Errorf("target %q: the name is used twice", t.Name)
		}
		seen[t.Name] = true
	}
	return nil
}

func (t target) check() error {
	u, err := url.Parse(t.URL)
	switch {
	case t.Name == "":
		return errors.New("it needs a name")
	case err != nil:
		return err
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("%q is no HTTP address", t.URL)
	case time.Duration(t.Every) < minEvery:
		return fmt.Errorf("every must be at least %v", minEvery)
	}
	return nil
}
