package lifecycle_test

import (
	"context"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
)

// badUnlock gives a lock that cannot be released.
func badUnlock(context.Context, string) (gocron.Lock, error) {
	return rig.UnlockFunc(func(context.Context) error { return rig.ErrTest }), nil
}
