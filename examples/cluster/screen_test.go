package main

import (
	"strings"
	"testing"
)

func TestPicturesAreDrawnInPlace(t *testing.T) {
	var out strings.Builder
	s := &screen{out: &out, live: true}
	s.line("not to be seen")
	s.draw("one\ntwo\n")
	s.draw("three\n")
	s.end("four\n", "news\n", "report\n")
	want := "\rone\x1b[K\n\rtwo\x1b[K\n\x1b[J" + "\x1b[2A\rthree\x1b[K\n\x1b[J" +
		"\x1b[1A\rfour\x1b[K\n\r\x1b[K\n\rnews\x1b[K\n\x1b[J" + "\nreport\n"
	if out.String() != want {
		t.Errorf("got %q", out.String())
	}
}

func TestLinesAreWrittenOnce(t *testing.T) {
	var out strings.Builder
	s := &screen{out: &out}
	s.line("%s runs", "a")
	s.draw("not to be seen\n")
	s.end("table\n", "not to be seen\n", "report\n")
	if want := "a runs\n\ntable\n\nreport\n"; out.String() != want {
		t.Errorf("got %q", out.String())
	}
}
