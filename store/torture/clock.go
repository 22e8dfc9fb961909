package main

import (
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"time"
)

// How the wall clock of the processes is moved against the monotonic one.
const (
	keeps  = ""       // not at all
	sleeps = "sleeps" // forward, as on a machine that sleeps
	steps  = "steps"  // in all directions
)

// A move is what the clock does, from least to most, and how often.
type move struct {
	least, most time.Duration
	often       int
}

// moves have all cases of what the scheduler takes a step of the clock for.
var moves = map[string][]move{
	sleeps: {
		{11 * time.Second, 2 * time.Minute, 10},
		{2 * time.Minute, time.Hour, 1},
	},
	steps: {
		{11 * time.Second, 5 * time.Minute, 4}, // a sleep
		{time.Second, 9 * time.Second, 4},      // set forward
		{-9 * time.Second, -time.Second, 4},    // set back, and nothing changes
		{-time.Hour, -11 * time.Second, 4},
		{-5 * time.Hour, -3 * time.Hour, 1}, // corrected
	},
}

// A clock is that of the machine: it goes on from process to process.
type clock struct {
	plan
	draw   *rand.Rand
	offset time.Duration
}

// newClock sets the clock as it was set last. Maybe it is moved while no process is there.
func (p plan) newClock(seed int64) (*clock, error) {
	c := &clock{plan: p, draw: rand.New(rand.NewSource(seed))}
	text, err := os.ReadFile(p.clock())
	if os.IsNotExist(err) {
		return c, nil
	} else if err != nil {
		return nil, err
	}
	offset, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.clock(), err)
	}
	c.offset = time.Duration(offset)
	setWallOffset(c.offset)
	if !p.Last && c.draw.Intn(4) == 0 {
		c.move()
	}
	return c, nil
}

// tooLong is more than any machine sleeps. There are so many seconds in it that the scheduler needs a
// while to go through them: only the last process of a long series is set forward by that.
const tooLong = 7*24*time.Hour + time.Minute

// move moves the clock. It never shows what was before the first process.
func (c *clock) move() {
	often := 0
	for _, m := range moves[c.Clock] {
		often += m.often
	}
	n, offset := c.draw.Intn(often), c.offset
	for _, m := range moves[c.Clock] {
		if n -= m.often; n < 0 {
			offset += m.least + time.Duration(c.draw.Int63n(int64(m.most-m.least)))
			break
		}
	}
	c.set(max(offset, -offset))
}

func (c *clock) set(offset time.Duration) {
	c.offset = offset
	text := strconv.FormatInt(int64(c.offset), 10)
	err := os.WriteFile(c.clock()+".new", []byte(text), 0o644)
	if err == nil {
		err = os.Rename(c.clock()+".new", c.clock()) // a process that is killed leaves one or the other
	}
	if err != nil {
		panic(err)
	}
	setWallOffset(c.offset)
}

// run moves the clock at random moments.
func (c *clock) run() {
	for {
		time.Sleep(time.Duration(c.draw.Int63n(int64(300 * time.Millisecond))))
		c.move()
	}
}
