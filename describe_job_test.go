package gocron

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestExplain_schedule(t *testing.T) {
	s := newScheduler(t, WithLocation(time.UTC))
	c := NewController(s)
	explained := func(id uuid.UUID) string {
		e, err := c.Explain(id)
		require.NoError(t, err)
		return e.Schedule
	}
	job := mustJob(t, s, CronJob("H 9-17 * * mon-fri", false), func() {}, WithName("report"))
	hashed, err := parseCrontab("H * * * *", false, "report")
	require.NoError(t, err)
	minute := numbersOf(hashed.fields.minute & everyBit)[0]
	require.Equal(t, "every hour from "+clockWords(9, minute, 0)+" to "+clockWords(17, minute, 0)+", Monday to Friday", explained(job.ID()))
	require.Equal(t, "at a chosen minute of hours 9 to 17, Monday to Friday (chosen by the job's name)", Describe(job.Schedule()))

	_, err = s.Update(job.ID(), dailyAt(9, 0), NewTask(func() {}))
	require.NoError(t, err)
	require.Equal(t, "every day at 09:00", explained(job.ID()))

	own := mustJob(t, s, CronJob("* * * * *", false), func() {}, WithCronImplementation(cronFuncs{}))
	require.Equal(t, `crontab "* * * * *", as a Cron of the user's reads it`, explained(own.ID()))
}
