//go:build go1.25

package controller_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func explain(t *testing.T, c *gocron.Controller, j gocron.Job) gocron.Explanation {
	t.Helper()
	e, err := c.Explain(j.ID())
	require.NoError(t, err)
	return e
}

func TestSynctestPauseWithSaysWhoAndWhy(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithName("job"))
		other := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		s.Start()
		began := time.Now()
		require.NoError(t, c.PauseWith(j.ID(), "alice", "deploy\nof 4"))
		require.False(t, explain(t, c, other).Paused)
		e := explain(t, c, j)
		require.Equal(t, gocron.StatePaused, e.State)
		require.Equal(t, "alice", e.PausedBy)
		require.Equal(t, "deploy\nof 4", e.PauseNote)
		require.True(t, began.Equal(e.PausedSince))
		require.Contains(t, e.String(), `job: paused (by "alice" since 2000-01-01T00:00:00Z: "deploy\nof 4")`)
		text, err := json.Marshal(e)
		require.NoError(t, err)
		require.Contains(t, string(text), `"PausedBy":"alice","PauseNote":"deploy\nof 4"`)

		rest(time.Minute)
		require.NoError(t, c.Pause(j.ID()))
		require.Equal(t, e.PausedBy, explain(t, c, j).PausedBy, "Pause of a paused job changes nothing")
		require.NoError(t, c.PauseWith(j.ID(), "bob", ""))
		e = explain(t, c, j)
		require.Equal(t, "bob", e.PausedBy)
		require.Empty(t, e.PauseNote)
		require.True(t, began.Equal(e.PausedSince))
		require.Contains(t, e.String(), `job: paused (by "bob" since 2000-01-01T00:00:00Z)`)

		_, err = s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
		require.NoError(t, err)
		require.Equal(t, "bob", explain(t, c, j).PausedBy, "it outlives Update")
		require.NoError(t, c.Resume(j.ID()))
		require.NoError(t, c.Pause(j.ID()))
		e = explain(t, c, j)
		require.Empty(t, e.PausedBy)
		require.Equal(t, time.Minute, e.PausedSince.Sub(began))
		require.ErrorIs(t, c.PauseWith(uuid.New(), "alice", ""), gocron.ErrJobNotFound)
	}, gocron.WithLocation(time.UTC))
}

func TestSynctestPauseWithEndsRunsThatWait(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		defer h.Open()
		rig.MustJob(t, s, gocron.DurationJob(time.Second), h.Task, gocron.WithTags("mail"), gocron.WithSingletonMode(gocron.LimitModeWait))
		rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithTags("other"))
		s.Start()
		rest(3 * time.Second)
		require.Equal(t, 2, rig.StatsOf(t, c).Waiting)
		require.NoError(t, c.PauseByTagsWith("alice", "moving", "mail", "unknown"))
		stats := rig.StatsOf(t, c)
		require.Zero(t, stats.Waiting)
		require.EqualValues(t, 2, stats.Outcomes[gocron.OutcomePaused])
		for _, j := range s.Jobs() {
			e := explain(t, c, j)
			require.Equal(t, j.Tags()[0] == "mail", e.Paused)
			require.Equal(t, e.Paused, e.PauseNote == "moving")
		}
	})
}
