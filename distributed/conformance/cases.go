package conformance

// cases are in the order of the table.
var cases = []testCase{
	{name: SkewedCron, play: playSkewedCron},
	{name: SkewedInterval, play: playSkewedInterval},
	{name: LongTask, play: playLongTask},
	{name: "a node's clock an hour fast", play: playHourFast},
	{name: "a node's clock an hour slow", play: playHourSlow},
	{name: "the same, claims kept for 20 s", needs: hasOwnClock, play: playWrongClock},
	{name: "queue wait longer than the claim is kept", play: playQueueWait},
	{name: "100 nodes × 1,000 occurrences", alone: true, play: playStorm},
	{name: "1,000 jobs at once, twice", needs: bearsHerds, alone: true, play: playHerd(1000, 0, false)},
	{name: "the same, 50 ms an answer", needs: bearsHerds, alone: true, play: playHerd(1000, farAway, false)},
	{name: "the same, to be run without the engine too", needs: bearsHerds, alone: true, play: playHerd(1000, farAway, true)},
	{name: "10,000 jobs at once, twice", needs: bearsHerds, alone: true, play: playHerd(10_000, 0, false)},
	{name: "10,000 jobs, 50 ms an answer", needs: bearsHerds, alone: true, play: playHerd(10_000, farAway, false)},
	{name: "1,000 jobs at once after a restart", needs: bearsRestarts, alone: true, play: playHerdAfterRestart},
	{name: "engine away for 0.1 to 3 s when 300 jobs are due", needs: bearsHerds, play: playBlips},
	{name: "engine away for 12 s when 300 jobs are due", needs: bearsHerds, play: playLongAway},
	{name: "a node of the version before", needs: hasBefore, play: playMixed},
	{name: "run lock: a node of the version before", needs: hasBeforeLocked, play: playMixedLocked},
	{name: "two jobs of one name", play: playSameName},
	{name: "retries under one claim", play: playRetries},
	{name: "RunNow makes no claim", play: playRunNow},
	{name: "a fast node paused, stopped and shut down", play: playLeaving},
	{name: "killed between claim and run", play: playKilledAfterClaim},
	{name: "node cut off for three TTLs", play: playNodeCutOff},
	{name: "run lock: task longer than the TTL", needs: hasRunLock, play: playLongTaskLocked},
	{name: "run lock: job removed in mid-run", needs: hasRunLock, play: playRemoved},
	{name: "run lock: Shutdown in mid-run", needs: hasRunLock, play: playShutdown},
	{name: "run lock: killed in mid-run", needs: hasRunLock, play: playKilledInRun},
	{name: "leader killed", needs: hasElector, play: playLeaderKilled},
	{name: "leader cut off for three TTLs", needs: hasElector, play: playLeaderCutOff},
	{name: "leader's process suspended for three TTLs", needs: mayBeSuspended, play: playLeaderSuspended},
	{name: "engine stopped in mid-run, and back", needs: canBeStopped, alone: true, play: playEngineDown},
	{name: "engine stopped while a node leads, and back", needs: canBeStoppedLed, alone: true, play: playEngineDownLed},
	{name: "nothing is left behind", needs: canBeCounted, play: playLeftovers},
}

// The cases that a lock named after the job does not pass.
const (
	SkewedCron     = "cron, clocks 0/80/160 ms apart"
	SkewedInterval = "interval, nodes started 600 ms apart"
	LongTask       = "task longer than the TTL"
)
