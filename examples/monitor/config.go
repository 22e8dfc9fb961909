package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"
)

// config is the content of the configuration file; see example.json.
type config struct {
	Limit   uint     `json:"limit"`   // checks that may go on at a time
	Timeout duration `json:"timeout"` // of one check
	Targets []target `json:"targets"`
}

type target struct {
	Name  string   `json:"name"`
	URL   string   `json:"url"`
	Every duration `json:"every"`
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
	data, err := os.ReadFile(path)
	if err != nil {
		return config{}, err
	}
	cfg, err := parseConfig(data)
	if err != nil {
		return config{}, fmt.Errorf("%s: %w", path, err)
	}
	return cfg, nil
}

func parseConfig(data []byte) (config, error) {
	cfg := config{Limit: 1, Timeout: duration(10 * time.Second)}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&cfg); err != nil {
		return config{}, err
	}
	return cfg, cfg.check()
}

func (c config) check() error {
	switch {
	case c.Limit < 1:
		return errors.New("limit must be at least 1")
	case c.Timeout <= 0:
		return errors.New("timeout must be more than 0")
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
	case t.Every <= 0:
		return errors.New("every must be more than 0")
	}
	return nil
}
