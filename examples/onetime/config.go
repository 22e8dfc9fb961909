package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

type config struct {
	jobs     int           // one-time jobs to create
	callers  int           // goroutines that create them
	pace     time.Duration // what each of them waits between two jobs
	limit    uint          // jobs that may run at a time
	periodic int           // periodic jobs beside them
	every    time.Duration // interval of the periodic jobs
	work     time.Duration // what one run takes
	timeout  time.Duration // when to give up waiting
}

// parseFlags reads and checks the flags. It has written what is wrong to w when
// it returns an error.
func parseFlags(args []string, w io.Writer) (config, error) {
	var cfg config
	flags := flag.NewFlagSet("onetime", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.IntVar(&cfg.jobs, "jobs", 1000, "one-time `jobs` to create")
	flags.IntVar(&cfg.callers, "callers", 4, "`goroutines` that create them")
	flags.DurationVar(&cfg.pace, "pace", 2*time.Millisecond, "`time` between two jobs of one goroutine")
	flags.UintVar(&cfg.limit, "limit", 1, "`jobs` that may run at a time")
	flags.IntVar(&cfg.periodic, "periodic", 4, "periodic `jobs` that run beside them")
	flags.DurationVar(&cfg.every, "every", 25*time.Millisecond, "`interval` of the periodic jobs")
	flags.DurationVar(&cfg.work, "work", time.Millisecond, "`time` that one run takes")
	flags.DurationVar(&cfg.timeout, "timeout", time.Minute, "`time` after which to give up")
	if err := flags.Parse(args); err != nil {
		return config{}, err
	}
	if err := cfg.check(flags.Args()); err != nil {
		fmt.Fprintln(w, "onetime:", err)
		return config{}, err
	}
	return cfg, nil
}

func (c config) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	case c.jobs < 1:
		return errors.New("-jobs must be at least 1")
	case c.callers < 1:
		return errors.New("-callers must be at least 1")
	case c.pace < 0:
		return errors.New("-pace must not be negative")
	case c.limit < 1:
		return errors.New("-limit must be at least 1")
	case c.periodic < 0:
		return errors.New("-periodic must not be negative")
	case c.every <= 0:
		return errors.New("-every must be more than 0")
	case c.work < 0:
		return errors.New("-work must not be negative")
	case c.timeout <= 0:
		return errors.New("-timeout must be more than 0")
	}
	return nil
}
