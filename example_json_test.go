package gocron

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"
)

// textLogger writes without the time of day.
func textLogger() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey && len(groups) == 0 {
			return slog.Attr{}
		}
		return a
	}}))
}

func ExampleRunInfo_MarshalJSON() {
	text, err := json.Marshal(RunInfo{ID: 7, JobName: "report", Outcome: OutcomeFailed, Err: errors.New("disk full")})
	fmt.Println(string(text[:11]), string(text[len(text)-18:]), err)
	// Output: {"ID":7,"Jo "Err":"disk full"} <nil>
}

func ExampleRunInfo_UnmarshalJSON() {
	var info RunInfo
	err := json.Unmarshal([]byte(`{"ID":7,"Outcome":"dropped-queue-full","Err":"gocron: the queue is full"}`), &info)
	fmt.Println(info.ID, info.Outcome, info.Err == ErrQueueFull, err)
	// Output: 7 dropped-queue-full true <nil>
}

func ExampleRunInfo_LogValue() {
	textLogger().Info("run", "run", RunInfo{ID: 7, JobName: "report", Outcome: OutcomeFailed, Attempt: 1, Err: errors.New("disk full")})
	// Output: level=INFO msg=run run.id=7 run.job=report run.jobID=00000000-0000-0000-0000-000000000000 run.trigger=schedule run.outcome=failed run.attempt=1 run.error="disk full"
}

func ExampleStats_LogValue() {
	textLogger().Info("now", "stats", Stats{Made: 3, Running: 1, Outcomes: map[Outcome]uint64{OutcomeSucceeded: 2}, OldestWaiting: time.Second})
	// Output: level=INFO msg=now stats.made=3 stats.outcomes.succeeded=2 stats.running=1 stats.waiting=0 stats.retrying=0 stats.oldestWaiting=1s
}

func ExampleExplanation_LogValue() {
	textLogger().Info("job", "why", Explanation{JobName: "report", State: StatePaused, Paused: true, RunsLeft: -1})
	// Output: level=INFO msg=job why.job=report why.jobID=00000000-0000-0000-0000-000000000000 why.state=paused why.paused=true
}
