//go:build go1.25

package rig

import (
	"regexp"
	"runtime"
	"strings"
	"testing/synctest"
)

// InBackground calls stop and returns where its error will come.
func InBackground(stop func() error) chan error {
	c := make(chan error, 1)
	go func() { c <- stop() }()
	synctest.Wait()
	return c
}

var bubbleName = regexp.MustCompile(`synctest bubble \d+`)

// Goroutines counts the goroutines of the caller's bubble once all is
// quiet: those of the program are more, and may be ending from other tests.
func Goroutines() int {
	synctest.Wait()
	stack := make([]byte, 1<<20)
	stack = stack[:runtime.Stack(stack, true)]
	bubble := bubbleName.FindString(string(stack)) // the caller comes first
	n := 0
	for _, line := range strings.Split(string(stack), "\n") {
		if strings.HasPrefix(line, "goroutine ") && (strings.Contains(line, bubble+"]") || strings.Contains(line, bubble+",")) {
			n++
		}
	}
	return n
}
