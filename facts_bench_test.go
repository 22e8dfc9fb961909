package gocron

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func BenchmarkRunInfoFacts(b *testing.B) {
	s := newScheduler(b, WithJobStats())
	j, err := s.NewJob(everyHour, NewTask(func() {}))
	require.NoError(b, err)
	s.Start()
	run, err := NewController(s).RunAndWait(context.Background(), j.ID())
	require.NoError(b, err)
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		facts := run.Facts()
		if facts.RunID == 0 {
			b.Fatal("no run")
		}
	}
}

// BenchmarkFacts is what it costs to look at many jobs.
func BenchmarkFacts(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		s := newScheduler(b, WithHistory(10), WithJobStats())
		for i := 0; i < n; i++ {
			_, err := s.NewJob(CronJob("30 3 * * *", false), NewTask(func() {}), WithName(fmt.Sprintf("job %d", i%7919)), WithTags("tag"))
			require.NoError(b, err)
		}
		s.Start()
		c := NewController(s)
		b.Run(fmt.Sprint("EachJob/", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				jobs := 0
				require.NoError(b, c.EachJob(context.Background(), func(JobFacts) bool { jobs++; return true }))
				require.Equal(b, n, jobs)
			}
		})
		for _, filter := range []string{"parts=scheduler", "parts=jobs", "sort=next&history=10&next=5", "state=paused"} {
			b.Run(fmt.Sprint("Snapshot/", n, "/", filter), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; i < b.N; i++ {
					c.s.indexes.kept = nil
					_, _, err := c.Snapshot(context.Background(), filter, "", 100)
					require.NoError(b, err)
				}
			})
		}
	}
}
