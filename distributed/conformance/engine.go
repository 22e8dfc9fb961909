package conformance

import (
	"context"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// An Engine is what is put to the test: lockers, and electors if it has them, on a real
// server. Name, Addr and NewNode are needed. What else is left out is taken to be
// missing, and the cases that need it are not run.
type Engine struct {
	// Name tells the engine from others, in the results and for the node processes.
	Name string
	// Addr is the host:port of the server. Nodes that are to be cut off are given that of
	// a relay in its place.
	Addr string
	// NewNode makes what one node of a cluster has. It is called in several processes.
	NewNode func(ctx context.Context, config NodeConfig) (*Node, error)

	// RunLock says that NodeConfig.RunLock is served.
	RunLock bool
	// Elector says that NodeConfig.Elector is served.
	Elector bool
	// OwnClock says that claims are judged by a clock of the server, whatever that of
	// the node says.
	OwnClock bool

	// Herds says that thousands of claims at once, and an engine that is away for a moment,
	// are to be borne: with the options of a program that gives none.
	Herds bool

	// MinTTL and MinKeep are the shortest NodeConfig.TTL and NodeConfig.Keep that are
	// served, if that is more than two seconds and one.
	MinTTL  time.Duration
	MinKeep time.Duration

	// Stop stops the server and Start starts it again, with its data and at the same
	// address. They return when that is done.
	Stop  func(context.Context) error
	Start func(context.Context) error

	// Before is a program with nodes of an earlier version: its TestMain calls ServeNode
	// with an engine of this name. It takes part beside nodes of this program.
	Before string

	// Leftovers counts what the server still holds of a namespace.
	Leftovers func(ctx context.Context, namespace string) (int, error)
}

// NodeConfig is what NewNode is to make.
type NodeConfig struct {
	// Name is the node's, for errors and logs.
	Name string
	// Addr is to be dialled.
	Addr string
	// Namespace keeps cases apart. Nodes of one cluster have the same.
	Namespace string
	// Keep is how long a claim is kept past its scheduled time.
	Keep time.Duration
	// TTL is the life of a run lock or a leader's term that is not renewed.
	TTL time.Duration
	// Timeout bounds each request to the server.
	Timeout time.Duration
	// RunLock asks for a locker that also keeps the runs of one job from overlapping.
	RunLock bool
	// Elector asks for an elector beside the locker.
	Elector bool
}

// A Node is what one node of a cluster has of an Engine.
type Node struct {
	// Locker is a gocron.Claimer, if the engine is to pass.
	Locker gocron.Locker
	// Elector is nil if none was asked for.
	Elector gocron.Elector
	// Close gives back whatever the node holds, and disconnects it. Nil does nothing.
	Close func(context.Context) error
}

func (n *Node) close(ctx context.Context) error {
	if n == nil || n.Close == nil {
		return nil
	}
	return n.Close(ctx)
}

// ttl is a short TTL that the engine serves, and that a busy machine renews in time.
func (e Engine) ttl() time.Duration { return max(e.MinTTL, 2*time.Second) }

// keep is a short Keep that the engine serves.
func (e Engine) keep() time.Duration { return max(e.MinKeep, time.Second) }
