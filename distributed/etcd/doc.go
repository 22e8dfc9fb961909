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
// until Lock.Unlock. When it cannot be renewed for the time of WithTTL, Lock.Lost is
// closed, before any other node can have the lock. The time is counted by the node from
// before its request, so that it needs no clock in common with the server. When a node
// dies its locks are free after WithTTL. If a request for one has no answer, or its
// context ends, the lock may have been taken: it is free again after the TTL.
//
// # Leaders
//
// An Elector campaigns for as long as it lives. Elector.IsLeader asks nobody, and on
// doubt says no: a leader that is cut off says so before another says yes. When a
// leader dies another leads after WithTTL, after Elector.Close at once.
//
// # Fencing tokens
//
// Claims, run locks and terms have the revision of etcd at which they began as a fencing
// token. Revisions only grow, for as long as the cluster is not restored from a backup.
// A task that was stopped in the middle of a write, as by a virtual machine that was
// paused, is kept from doing harm only by a store that compares those of run locks or
// terms: runs of several claims may overlap, and the lower token is then no older run's.
//
// # Errors
//
// Every error of a method is an *Error. ErrTaken, ErrNotLeader and the like are answers;
// an error whose EngineDown method returns true means that there was none, or that etcd
// cannot hold the key. NewLocker and NewElector return plain errors for what they refuse.
// Neither an error's text nor a log shows a user name, a password or an address.
package etcd
