// Package conformance puts lockers and electors through what happens to several nodes on
// a real engine, and counts: occurrences, runs, duplicates, misses.
//
// The nodes are processes of their own, which run gocron's scheduler with clocks that are
// apart. Among the cases are crashes between claim and run, a server that is stopped, a
// relay that cuts a node off, and a process that stands still. What is measured is never
// how fast anything was: a case waits for what is bound to happen, and then counts.
//
// A test describes the Engine and calls Run. The node processes are the test binary
// itself, so TestMain has to call ServeNode:
//
//	func engine() conformance.Engine {
//		return conformance.Engine{
//			Name:    "mine",
//			Addr:    "127.0.0.1:4000",
//			NewNode: newNode,
//		}
//	}
//
//	func TestMain(m *testing.M) {
//		conformance.ServeNode(engine())
//		os.Exit(m.Run())
//	}
//
//	func TestConformance(t *testing.T) {
//		results := conformance.Run(t, engine())
//		t.Log("\n" + conformance.Table(results))
//	}
//
// An engine needs no run lock and no elector; the cases for them are then not run. A
// plain lock that is named after the job fails: nodes whose clocks are a little apart
// run an occurrence one after the other.
//
// In the table "n of m" are n runs of m occurrences. "Missed" occurrences had no run. In
// cases with a crash or a cut that is what is promised: no more than one run, and none
// for what a dead node had claimed or nobody could ask for.
package conformance
