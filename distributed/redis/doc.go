// Package redis lets several nodes run the same gocron jobs, each occurrence on one of
// them, by claims and run locks in Redis. It imports nothing of gocron:
//
//	locker, err := redis.NewLocker(client)
//	...
//	s, err := gocron.NewScheduler(gocron.WithDistributedLocker(gocron.ClaimerFrom(locker.Claim)))
//
// Claim grants an occurrence, which is a job key and a scheduled time, once: the entry
// stays until WithKeep after the scheduled time, and from then on it is too late, both by
// the server's clock. The clocks of the nodes do not matter. WithKeep must be the same on
// all nodes; to change it, stop all of them first.
//
// What is asked while a request is under way goes with the next one: up to 1,000 claims in
// a pipeline, in an order that is another one on each node, and all renewals of a Locker
// together. What is asked alone goes at once. Redis has the time of WithRequestTimeout to
// answer, from when it was asked; until then a request that fails in passing is repeated.
//
// WithRunLock adds a run lock, which is renewed, to keep two occurrences of one job from
// running at once; Lock is the run lock alone. If a request for one has no answer, or its
// context ends, the lock may have been taken: it is free again after the TTL.
//
// The client may be one of a single server, of servers watched by sentinels or of a
// cluster, 6.2 or newer; every request touches one key. It stays the caller's, also to be
// closed. A request whose answer was lost is repeated, and gets the same answer.
// Renewals share the connections of the client: one that others keep busy delays them.
//
// Every error of a method is an *Error. ErrTaken and the like are answers; an error whose
// EngineDown method returns true means that there was none, or that Redis cannot hold the
// key. NewLocker returns plain errors for what it refuses. Neither an error's text nor a
// log shows a user name or a password.
//
// # What is not promised
//
// A node that dies after it has claimed an occurrence has not run it, or not to its end:
// nobody else does. Of the server it is asked that it forgets nothing and that its clock
// does not jump. Redis does not see to either by itself:
//
//   - Replication is asynchronous. A failover may lose the newest claims and locks, and
//     they are then granted again. min-replicas-to-write narrows that and does not end it.
//   - A server that restarts has what is on disk: all with appendfsync always, the last
//     second missing with everysec, nothing without persistence.
//   - A maxmemory-policy other than noeviction drops claims when the memory is full. See
//     Check.
//   - When its clock is set forward, locks end early; when it is set back, an occurrence
//     whose claim has expired may be granted again.
//   - It has no number that is sure to grow through a failover. So FencingToken is 0, a
//     task cannot tell storage that its lock is the newer one, and there is no elector
//     here. Use claims, or the elector of the postgres or the etcd module.
//
// Where one run too many does harm, use one of those modules for the claims too.
package redis
