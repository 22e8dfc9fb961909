package gocron

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand"
	"time"
)

// DurationJob defines a job that is due every duration. The first run is one duration after Start,
// or after NewJob if the scheduler already runs. With WithStartAt the start time is the first run:
// WithStartImmediately is at once, WithStartDateTime at the given time. Later runs are due a whole
// number of durations after that, however long runs take. With WithIntervalFromCompletion a run is
// due one duration after the task of the run before has returned.
//
// Time that the machine sleeps counts. If runs were due during the sleep, the job runs once, up to
// a minute after the machine wakes, and is then due at the same multiples of duration as before.
// Setting the clock does not change the intervals. Under a Claimer, intervals without a start time
// count from the Unix epoch.
//
// Any positive duration is allowed. Zero is refused with ErrDurationJobIntervalZero, less with
// ErrDurationJobIntervalNegative.
func DurationJob(duration time.Duration) JobDefinition {
	return &durationSchedule{duration: duration}
}

// durationSchedule is definition and schedule in one, so that a job of the
// commonest kind allocates it once.
type durationSchedule struct {
	duration time.Duration
}

func (d *durationSchedule) schedule(scheduleConfig) (schedule, error) {
	switch {
	case d.duration == 0:
		return nil, ErrDurationJobIntervalZero
	case d.duration < 0:
		return nil, fmt.Errorf("%w: it is %v", ErrDurationJobIntervalNegative, d.duration)
	}
	return d, nil
}

func (d *durationSchedule) next(anchor, t time.Time) time.Time {
	return nextInterval(anchor, t, d.duration)
}

func (d *durationSchedule) rewind(anchor, t time.Time) time.Time {
	return rewindInterval(anchor, t, d.duration)
}

func (d *durationSchedule) fromCompletion(done time.Time) time.Time {
	return withinYears(done.Add(d.duration))
}

func (d *durationSchedule) public() JobSchedule {
	return DurationJobSchedule{Duration: d.duration}
}

// nextInterval returns the first of anchor+d, anchor+2d, … that is after t. It
// has anchor's location, and anchor's monotonic reading if it can be kept.
func nextInterval(anchor, t time.Time, d time.Duration) time.Time {
	if pastYears(anchor) || pastYears(t) {
		return time.Time{}
	}
	if t.Before(anchor) {
		return withinYears(anchor.Add(d))
	}
	elapsed := t.Sub(anchor)
	rest := d - elapsed%d
	if elapsed > math.MaxInt64-rest {
		return nextFarInterval(anchor, t, d)
	}
	return withinYears(anchor.Add(elapsed + rest))
}

// nextFarInterval is nextInterval for a t further from anchor than a Duration
// can say (Sub then returns the longest Duration).
func nextFarInterval(anchor, t time.Time, d time.Duration) time.Time {
	seconds := uint64(t.Unix()) - uint64(anchor.Unix())
	nanos := uint64(int64(t.Nanosecond()) - int64(anchor.Nanosecond()))
	high, low := bits.Mul64(seconds, uint64(time.Second))
	low, carry := bits.Add64(low, nanos, 0)
	if int64(nanos) < 0 {
		high--
	}
	elapsed := bits.Rem64(high+carry, low, uint64(d))
	return withinYears(t.Round(0).Add(d - time.Duration(elapsed)).In(anchor.Location()))
}

// rewindInterval takes whole intervals off anchor. One further from t than a Duration can say is
// brought that near first, which loses the phase.
func rewindInterval(anchor, t time.Time, d time.Duration) time.Time {
	back := anchor.Sub(t)
	rest := back % d
	return t.Add(rest - d).In(anchor.Location())
}

// DurationRandomJob defines a job that is due after a random time of at least minDuration and less
// than maxDuration. The scheduler draws a new time for each run. It counts from when the run before
// was due or, with WithIntervalFromCompletion, from when its task returned.
//
// It is refused with ErrDurationRandomJobMinMax unless minDuration is less than maxDuration, and
// with ErrDurationRandomJobPositive unless both are positive.
func DurationRandomJob(minDuration, maxDuration time.Duration) JobDefinition {
	return &durationRandomDefinition{min: minDuration, max: maxDuration}
}

type durationRandomDefinition struct {
	min, max time.Duration
}

func (d *durationRandomDefinition) schedule(scheduleConfig) (schedule, error) {
	switch {
	case d.min >= d.max:
		return nil, fmt.Errorf("%w: they are %v and %v", ErrDurationRandomJobMinMax, d.min, d.max)
	case d.min <= 0:
		return nil, fmt.Errorf("%w: they are %v and %v", ErrDurationRandomJobPositive, d.min, d.max)
	}
	return &durationRandomSchedule{min: d.min, max: d.max, seed: rand.Uint64()}, nil
}

// durationRandomSchedule draws by hashing the time it counts from, so that what
// NextRuns announces is what comes.
type durationRandomSchedule struct {
	min, max time.Duration
	seed     uint64
}

// next counts from t; anchor gives no more than location and monotonic reading.
func (d *durationRandomSchedule) next(anchor, t time.Time) time.Time {
	if pastYears(anchor) || pastYears(t) {
		return time.Time{}
	}
	elapsed := t.Sub(anchor)
	if elapsed == math.MaxInt64 || elapsed == math.MinInt64 { // too far apart
		return withinYears(t.Add(d.draw(t)).In(anchor.Location()))
	}
	return withinYears(anchor.Add(elapsed).Add(d.draw(t)))
}

func (d *durationRandomSchedule) fromCompletion(done time.Time) time.Time {
	return withinYears(done.Add(d.draw(done)))
}

func (d *durationRandomSchedule) public() JobSchedule {
	return DurationRandomJobSchedule{Min: d.min, Max: d.max}
}

// draw returns a duration in [min, max) that depends on nothing but seed and t.
func (d *durationRandomSchedule) draw(t time.Time) time.Duration {
	h := scramble(d.seed ^ scramble(uint64(t.Unix())) ^ uint64(t.Nanosecond()))
	n, _ := bits.Mul64(h, uint64(d.max-d.min))
	return d.min + time.Duration(n)
}

// scramble spreads any change of x over all bits (the finalizer of SplitMix64).
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
