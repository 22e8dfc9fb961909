package gocron

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The line that says why a run did not succeed has a reason for every outcome.
func TestEveryOutcomeHasAReason(t *testing.T) {
	hasAnError := map[Outcome]bool{
		OutcomeFailed: true, OutcomePanicked: true, OutcomeTimedOut: true, OutcomeDroppedQueueFull: true,
		OutcomeNotLeader: true, OutcomeLockedElsewhere: true, OutcomeRefused: true, OutcomeEngineDown: true,
		OutcomeInterrupted: true, OutcomeStoreDown: true,
	}
	for o := OutcomeSucceeded + 1; o < outcomeCount; o++ {
		if !hasAnError[o] && o != OutcomeMissed { // a gap is logged as such
			require.NotEmpty(t, outcomeReasons[o], o.String())
		}
	}
}
