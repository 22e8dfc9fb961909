package gocron

import (
	"os"
	"os/exec"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// Without a listener for it a panic ends the program, so it happens in another
// one: this test binary, told so by an environment variable.
func TestContractAPanicWithoutAListenerEndsTheProgram(t *testing.T) {
	const variable = "GOCRON_TEST_PANIC"
	hooks := map[string]JobOption{
		"task": WithTags(),
		"error listener": WithEventListeners(
			AfterJobRunsWithError(func(uuid.UUID, string, error) { os.Exit(0) })),
		"after": WithEventListeners(
			AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}),
			AfterJobRunsWithError(func(uuid.UUID, string, error) { panic("ouch of a hook") })),
		"before": WithEventListeners(
			AfterJobRunsWithPanic(func(uuid.UUID, string, any) { os.Exit(0) }),
			BeforeJobRuns(func(uuid.UUID, string) { panic("ouch of a hook") })),
	}
	if hook := hooks[os.Getenv(variable)]; hook != nil {
		s := newScheduler(t)
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { panic("ouch of a task") }, hook)
		s.Start()
		receive(t, make(chan int))
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
