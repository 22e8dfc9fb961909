// Package postgres lets several nodes that run the same scheduler share its jobs through
// PostgreSQL: each occurrence is claimed by one node, runs of a job do not overlap, or one
// node leads. It is given a client of the caller's, most often a *pgxpool.Pool.
//
//	locker, err := postgres.NewLocker(ctx, pool)
//	s, err := gocron.NewScheduler(gocron.WithDistributedLocker(gocron.ClaimerFrom(locker.Claim)))
//
// # Claims
//
// Locker.Claim claims the occurrence of a job at its scheduled time: one node, once. The
// row that says so is inserted by one statement if it is absent, and outlives the run. A
// node that dies between its claim and the end of its run leaves that occurrence undone,
// or half done: no other takes it up.
//
// An occurrence can be claimed from WithKeep (two hours) before its scheduled time until
// as long after it, by the database's clock; those of the nodes do not matter. WithKeep
// must be the same on all nodes; to change it, stop all of them first. Expired rows are
// removed in the background.
//
// # Run locks
//
// Locker.Lock, and with WithRunLock every claim, takes a lock of the job that is renewed
// until Lock.Unlock. When it cannot be renewed for three quarters of WithTTL, Lock.Lost is
// closed. Another node can have the lock when all of WithTTL has passed, so that a process
// that is late to notice has a quarter of it. The node counts the time from before its
// request, and needs no clock in common with the server. When a node dies its
// locks are free after WithTTL. If a request for one has no answer, or its context ends,
// the lock may have been taken: it is free again after the TTL.
//
// # Leaders
//
// An Elector campaigns for as long as it lives. Elector.IsLeader asks nobody, and on
// doubt says no: a leader that is cut off says so before another says yes. When a leader
// dies another leads after WithTTL and at most a third of it, after Elector.Close as soon
// as the next asks, within a third.
//
// # Fencing tokens
//
// Claims, run locks and terms have a number from one sequence as a fencing token. Of two
// run locks of a job, or two terms of an elector, the later has the greater one; that of
// a claim alone only tells it from others, as runs of several may overlap. A task
// that was stopped in the middle of a write, as by a virtual machine that was paused, is
// kept from doing harm only by a store that compares those of run locks or terms.
//
// # Many at once
//
// What is asked while a statement is under way goes with the next one: up to 1,000 claims
// at a time, in an order that is another one on each node, and all renewals of a Locker
// together. What is asked alone goes at once. The database has the time of
// WithRequestTimeout to answer, from when it was asked; until then a connection that
// breaks, or is refused, is tried again. Who waits for a turn waits for as long as the
// occurrence can be claimed.
//
// # Connections
//
// Every statement is a transaction of its own, nothing is kept in the session and no
// statement is prepared under a name, so that poolers in transaction mode serve.
//
// # Errors
//
// Every error of a method is an *Error. ErrTaken, ErrNotLeader and the like are answers;
// an error whose EngineDown method returns true means that there was none, or that the
// database cannot hold the key. NewLocker and NewElector return one when the database
// cannot be asked, and a plain error for what they refuse. Neither an error's text nor a
// log shows a password, a user or a database.
package postgres
