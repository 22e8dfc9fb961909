//go:build go1.25

package store_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// TestSynctestSnapshotOfAStore: a page is told which store there is, and how far back it goes for
// each job, over restarts.
func TestSynctestSnapshotOfAStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		snapshot := func(p *process) (kept string, since map[string]time.Time) {
			t.Helper()
			document, _, err := p.c.Snapshot(context.Background(), "", "", 0)
			require.NoError(t, err)
			var page struct {
				Scheduler struct{ Store string }
				Jobs      struct {
					Rows []struct {
						Name        string
						StoredSince time.Time `json:"stored_since"`
					}
				}
			}
			require.NoError(t, json.Unmarshal(document, &page))
			since = map[string]time.Time{}
			for _, row := range page.Jobs.Rows {
				since[row.Name] = row.StoredSince
			}
			return page.Scheduler.Store, since
		}
		store := gocron.NewMemoryStore()
		for range 2 {
			p := newProcess(t, began, gocron.WithStore(store))
			p.job(gocron.DurationJob(time.Hour), nothing, gocron.WithName("kept"))
			p.job(gocron.DurationJob(time.Hour), nothing, gocron.WithName("not kept"), gocron.WithoutStore())
			p.s.Start()
			synctest.Wait()
			kept, since := snapshot(p)
			require.Equal(t, "gocron.MemoryStore", kept)
			require.True(t, since["kept"].Equal(began), "kept since %v", since["kept"])
			require.Zero(t, since["not kept"])
			time.Sleep(90 * time.Minute)
			require.NoError(t, p.s.Shutdown())
			time.Sleep(time.Hour)
		}
		p := newProcess(t, began)
		kept, _ := snapshot(p)
		require.Empty(t, kept)
		require.NoError(t, p.s.Shutdown())
	})
}

// TestSynctestSnapshotSinceHasWhatLastsLonger: a record of several missed occurrences is in the
// history since a time between the first and the last.
func TestSynctestSnapshotSinceHasWhatLastsLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		p := newProcess(t, began, gocron.WithHistory(10), gocron.WithStore(gocron.NewMemoryStore()))
		p.job(gocron.DurationJob(time.Hour), nothing, gocron.WithName("hourly"))
		p.s.Start()
		synctest.Wait()
		require.NoError(t, p.s.StopJobs())
		time.Sleep(10*time.Hour + 30*time.Minute)
		p.s.Start()
		synctest.Wait()
		for hours, want := range map[int]int{0: 1, 5: 1, 10: 1, 11: 0} {
			since := began.Add(time.Duration(hours) * time.Hour).UTC().Format(time.RFC3339)
			document, _, err := p.c.Snapshot(context.Background(), "history=10&since="+since, "", 0)
			require.NoError(t, err)
			var page struct {
				Jobs struct {
					Rows []struct {
						History []struct {
							MissedCount int `json:"missed_count"`
						}
					}
				}
			}
			require.NoError(t, json.Unmarshal(document, &page))
			require.Len(t, page.Jobs.Rows[0].History, want, "since %d hours", hours)
		}
		require.NoError(t, p.s.Shutdown())
	})
}
