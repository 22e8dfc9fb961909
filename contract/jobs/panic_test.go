package jobs_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// Without a listener for it a panic ends the program, so it happens in another
// one: this test binary, told so by an environment variable.
func TestContractAPanicWithoutAListenerEndsTheProgram(t *testing.T) {
	const variable = "GOCRON_TEST_PANIC"
	hooks := map[string]gocron.JobOption{
		"task": gocron.WithTags(),
		"error listener": gocron.WithEventListeners(
			gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { os.Exit(0) })),
		"after": gocron.WithEventListeners(
			gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}),
			gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { panic("ouch of a hook") })),
		"before": gocron.WithEventListeners(
			gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) { os.Exit(0) }),
			gocron.BeforeJobRuns(func(uuid.UUID, string) { panic("ouch of a hook") })),
	}
	if hook := hooks[os.Getenv(variable)]; hook != nil {
		s := rig.NewScheduler(t)
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { panic("ouch of a task") }, hook)
		s.Start()
		rig.Receive(t, make(chan int))
		return
	}
	for name := range hooks {
		c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		c.Env = append(os.Environ(), variable+"="+name)
		out, err := c.CombinedOutput()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, name)
		require.Equal(t, 2, exit.ExitCode(), "%s: %s", name, out)
		require.Contains(t, string(out), "panic: ouch of a", name)
	}
}
