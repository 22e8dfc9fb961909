package main

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
)

func TestBoardForgetsOldTests(t *testing.T) {
	b := newBoard(nil)
	waiting := uuid.New()
	b.accept(waiting, "site")
	var last uuid.UUID
	for i := 0; i < keepTests+5; i++ {
		last = uuid.New()
		b.accept(last, "site")
		b.begin(last)
		b.end(last, nil)
	}
	states := b.testStates()
	if len(states) != keepTests+1 || states[0].ID != waiting || states[keepTests].ID != last {
		t.Errorf("%d tests on the board, first %+v", len(states), states[0])
	}
	if asked, done := b.counts(); asked != keepTests+6 || done != keepTests+5 {
		t.Errorf("asked %d, done %d", asked, done)
	}
}

func TestBoardKeepsTheError(t *testing.T) {
	b := newBoard(nil)
	id := uuid.New()
	b.accept(id, "site")
	b.begin(id)
	b.end(id, errors.New("no route"))
	if got := b.testStates()[0]; got.State != stateDone || got.Error != "no route" {
		t.Errorf("got %+v", got)
	}
}

func TestWaitForTests(t *testing.T) {
	b := newBoard(nil)
	b.waitForTests(withPatience(t)) // none: returns at once

	first, second := uuid.New(), uuid.New()
	b.accept(first, "site")
	b.accept(second, "site")
	b.begin(first)
	b.end(first, nil)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	b.waitForTests(ended) // gives up
	select {
	case <-b.idle:
		t.Fatal("idle with a test waiting")
	default:
	}
	b.refuse(second)
	ctx := withPatience(t)
	b.waitForTests(ctx)
	if ctx.Err() != nil || b.waiting() != 0 {
		t.Errorf("%v, %d waiting", ctx.Err(), b.waiting())
	}
}
