//go:debug asynctimerchan=0
//go:debug randseednop=0

//go:build go1.25

// Package model_test runs random programs against a scheduler and against a plain model of what it
// should do.
//
// The directives hold for the whole package: the first is what testing/synctest needs with the Go
// version that go.mod names, the second what seedRandomJobs needs.
package model_test
