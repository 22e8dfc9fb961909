//go:debug asynctimerchan=0

//go:build go1.25

// One file of the package holds the directive, which testing/synctest needs
// with the Go version that go.mod names; it counts for all of them.

package gocron
