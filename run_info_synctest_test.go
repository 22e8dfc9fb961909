//go:build go1.25

package gocron

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSynctestContractNothingIsKeptOfRunsThatNobodyAsksFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithHooks(Hooks{}), WithSchedulerMonitor(hookNop{}), WithLimitConcurrentJobs(1, LimitModeWait))
		j := mustJob(t, s, ages(), func() { time.Sleep(time.Minute) }, WithSingletonMode(LimitModeWait), WithTimeout(time.Hour), WithRecover())
		require.False(t, s.(*scheduler).recordsRuns || j.(*internalJob).settings().recorded)
	})
}
