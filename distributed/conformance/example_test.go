package conformance_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/gocron-fixed/gocron/distributed/conformance"
)

func newNode(context.Context, conformance.NodeConfig) (*conformance.Node, error) {
	return nil, fmt.Errorf("connect to config.Addr, and return a Locker")
}

// A test puts an engine through all cases. TestMain must call ServeNode with it.
func ExampleRun() {
	_ = func(t *testing.T) {
		engine := conformance.Engine{Name: "mine", Addr: "127.0.0.1:4000", NewNode: newNode}
		t.Log("\n" + conformance.Table(conformance.Run(t, engine)))
	}
}

// The first column of the table.
func ExampleCases() {
	fmt.Println(conformance.Cases()[0])
	// Output: cron, clocks 0/80/160 ms apart
}
