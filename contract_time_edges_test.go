package gocron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A time that a user's Cron has named, and that is the moment of a later Start, is due then.
func TestTimeAUsersCronThatIsDueAtTheMomentOfALaterStart(t *testing.T) {
	for _, before := range []int{0, 1} { // how often it has run before the stop
		r := newRig(t)
		j, log := r.logged(CronJob("x", false), WithCronImplementation(hourlyCron(noop)))
		r.start()
		r.walk(time.Duration(before)*time.Hour + 30*time.Minute)
		for range 2 {
			r.stop()
			r.start()
			require.Equal(t, before, log.len())
		}
		r.stop()
		r.clock.Advance(30 * time.Minute)
		for range 2 { // the second at the same moment once more
			r.start()
			require.Equal(t, before+1, log.len())
			requireInstants(t, []time.Time{r.clock.Now().Add(time.Hour)}, nextsOf(t, j, 1))
			r.stop()
		}
	}
}
