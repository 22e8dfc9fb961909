package oracle

import (
	"errors"
	"fmt"
	"time"

	"github.com/adhocore/gronx"
	"github.com/gocron-fixed/gocron/v2"
	"github.com/hashicorp/cronexpr"
	"github.com/netresearch/go-cron"
)

// A library reads crontabs with seven fields.
type library struct {
	name string
	// until is the first year of which it knows nothing.
	until int
	// days are those in [from, to) that c names, as numbers from 1970-01-01 on.
	days func(c crontab, from, to time.Time) ([]int64, error)
	// next returns a func that returns the first time after its argument.
	next func(line string) (func(time.Time) time.Time, error)
}

var libraries = []library{
	{name: "cronexpr", until: 2100, days: daysByNext(cronexprNext), next: cronexprNext},
	{name: "go-cron", until: 10000, days: daysByNext(goCronNext), next: goCronNext},
	{name: "gronx", until: 10000, days: gronxDays, next: gronxNext},
}

// ours asks the library that the others are compared with.
func ours(c crontab, from, to time.Time) ([]int64, error) {
	return followed(func(line string) (func(time.Time) time.Time, error) {
		cron := gocron.NewDefaultCron(true)
		err := cron.IsValid(line, time.UTC, from.Add(-1))
		if err == gocron.ErrCronJobInvalid { // it never comes true
			return func(time.Time) time.Time { return time.Time{} }, nil
		}
		return cron.Next, err
	}, c.String(), from, to)
}

func cronexprNext(line string) (func(time.Time) time.Time, error) {
	e, err := cronexpr.Parse(line)
	if err != nil {
		return nil, err
	}
	return e.Next, nil
}

var (
	goCronFields  = cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Extended | cron.DowOrDom | cron.Descriptor
	goCronParsers = map[int]cron.Parser{
		5: cron.MustNewParser(goCronFields),
		6: cron.MustNewParser(goCronFields | cron.Second),
		7: cron.MustNewParser(goCronFields | cron.Second | cron.Year),
	}
)

func goCronNext(line string) (func(time.Time) time.Time, error) {
	parser, ok := goCronParsers[fields(line)]
	if !ok {
		return nil, errors.New("the number of fields is not known")
	}
	if !zoned(line) {
		line = "TZ=UTC " + line
	}
	s, err := parser.WithMaxSearchYears(401).Parse(line)
	if err != nil {
		return nil, err
	}
	return s.Next, nil
}

func gronxNext(line string) (func(time.Time) time.Time, error) {
	if _, err := gronx.NextTickAfter(line, epoch, false); err != nil {
		return nil, err
	}
	return func(t time.Time) time.Time {
		next, err := gronx.NextTickAfter(line, t, false)
		if err != nil {
			return time.Time{}
		}
		return next
	}, nil
}

var epoch = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)

func dayOf(t time.Time) int64 { return t.Unix() / 86400 }

func daysByNext(next func(line string) (func(time.Time) time.Time, error)) func(c crontab, from, to time.Time) ([]int64, error) {
	return func(c crontab, from, to time.Time) ([]int64, error) { return followed(next, c.seven(), from, to) }
}

// followed asks for one time after another. A crash is an error.
func followed(next func(line string) (func(time.Time) time.Time, error), line string, from, to time.Time) (days []int64, err error) {
	defer func() {
		if crash := recover(); crash != nil {
			err = fmt.Errorf("it crashes: %v", crash)
		}
	}()
	after, err := next(line)
	if err != nil {
		return nil, err
	}
	for t := after(from.Add(-1)); !t.IsZero() && t.Before(to); t = after(t) {
		days = append(days, dayOf(t))
	}
	return days, nil
}

// gronxDays asks for every day, as its search for the next time gives up after a while.
func gronxDays(c crontab, from, to time.Time) (days []int64, err error) {
	g := gronx.New()
	segments, err := gronx.Segments(c.seven())
	if err != nil {
		return nil, err
	}
	for t := from.Add(12 * time.Hour); t.Before(to); t = t.AddDate(0, 0, 1) {
		g.C.SetRef(t)
		due, err := g.SegmentsDue(segments)
		if err != nil {
			return nil, err
		}
		if due {
			days = append(days, dayOf(t))
		}
	}
	return days, nil
}
