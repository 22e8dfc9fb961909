package spec

// A Scene is one hourly job of a scheduler with a fake clock, a locker or elector, and
// all monitors and listeners.
type Scene struct {
	Name        string
	Steps       []Step
	Elector     bool   // in the place of the locker
	Immediately bool   // started so
	Singleton   bool   // in reschedule mode
	Limit       bool   // of one run, in reschedule mode
	NoBefore    bool   // no BeforeJobRuns
	NoRefusing  bool   // no BeforeJobRunsSkipIfBeforeFuncErrors
	Again       bool   // its first run asks for another meanwhile
	Fails       string // where a run ends
}

// Where a run may end but at the end of its task.
const (
	NotLeader = "not leader"
	NoLock    = "no lock"
	Refused   = "refused"
	Failed    = "failed"
	Panics    = "panics"
)

// A Step does something, and is over when all of the hooks were called.
type Step struct {
	Do    string
	Until []string
}

// What a step does.
const (
	Wait     = "wait"
	Due      = "due" // the clock goes on by an hour
	RunNow   = "RunNow"
	Remove   = "RemoveJob"
	StopJobs = "StopJobs"
	Shutdown = "Shutdown"
)

// An Answer is all that a job's handle said in a hook, by question. It said nothing if
// there was no handle yet.
type Answer struct {
	Step int // 0 is what comes before Start
	Hook string
	Said map[string]string
}
