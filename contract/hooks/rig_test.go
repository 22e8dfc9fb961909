package hooks_test

import (
	"testing"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
)

// hookRig is a rig with a recorder as all three monitors.
func hookRig(t testing.TB, options ...gocron.SchedulerOption) (*rig.Rig, *rig.Recorder) {
	t.Helper()
	h := &rig.Recorder{T: t}
	all := []gocron.SchedulerOption{gocron.WithMonitor(h), gocron.WithMonitorStatus(rig.StatusRecorder{Recorder: h}), gocron.WithSchedulerMonitor(h)}
	return rig.New(t, append(all, options...)...), h
}
