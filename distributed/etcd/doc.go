// Package etcd lets several nodes that run the same scheduler share its jobs through
// etcd: each occurrence is claimed by one node, runs of a job do not overlap, or one
// node leads. It needs etcd 3.4 or later, and is given a client of the caller's.
//
//	locker, err := etcd.NewLocker(client)
//	s, err := gocron.NewScheduler(gocron.WithDistributedLocker(gocron.ClaimerFrom(locker.Claim)))
//
// # Claims
//
// Locker.Claim claims the occurrence of a job at its scheduled time: one node, once. The
// key that says so is created in one transaction if it is absent, and outlives the run.
// A node that dies between its claim and the end of its run leaves that occurrence
// undone, or half done: no other takes it up.
//
// An occurrence can be claimed from WithKeep (two hours) before its scheduled time until
// as long after it. The key lives at least twice as long after it, and goes by itself,
// with a lease that many claims share. A transaction of etcd cannot look at a clock, so
// it is the node's own that is looked at: the clocks of the nodes must agree within
// WithKeep. If they do not, an occurrence can be claimed twice. WithKeep must be the same
// on all nodes; to change it, stop all of them first.
//
// # Run locks
//
// Locker.Lock, and with WithRunLock every claim, takes a lock of the job that is renewed
// until Lock.Unlock. When it cannot be renewed for three quarters of WithTTL, Lock.Lost is
// closed. Another node can have the lock when all of WithTTL has passed, so that a process
// that is late to notice has a quarter of it. The time is counted by the node from before
// its request, and needs no clock in common with the server. All run locks of a Locker
// are under one lease of etcd. When a node dies, its locks are free after WithTTL. If a
// request for a lock has no answer, or its context ends, the lock may have been taken: it
// is free again after WithTTL.
//
// # Leaders
//
// An Elector campaigns for as long as it lives. Elector.IsLeader asks nobody, and on
// doubt says no: a leader that is cut off says so before another says yes. When a
// leader dies another leads after WithTTL, after Elector.Close at once.
//
// # Many at once
//
// What is asked while a request is under way goes with the next ones: up to 1,000 claims
// at a time, in an order that is another one on each node. What is asked alone goes at
// once. The server has the time of WithRequestTimeout to answer, from when it was asked;
// until then a request that fails in passing is repeated. Who waits for a turn waits for
// as long as the occurrence can be claimed.
//
// A server that does not compact its history is filled by claims for good: see the README,
// and Locker.Check.
//
// # Fencing tokens
//
// Claims, run locks and terms have the revision of etcd at which they began as a fencing
// token. It grows from one claim, lock or term of a job to the next. Claims of several jobs
// that were made together have the same token. Revisions only grow, unless the cluster is
// restored from a backup. A task can be stopped in the middle of a write, for instance when
// its virtual machine is paused. Only a store that compares tokens keeps it from doing harm
// then. Compare the tokens of run locks or terms: runs of several claims may overlap, and
// the run with the lower token is then not always the older one.
//
// # Errors
//
// Every error of a method is an *Error. ErrTaken, ErrNotLeader and the like are answers;
// an error whose EngineDown method returns true means that there was none, or that etcd
// cannot hold the key. NewLocker and NewElector return plain errors for what they refuse.
// Neither an error's text nor a log shows a user name, a password or an address.
package etcd
