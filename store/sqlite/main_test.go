package sqlite

import (
	"context"
	"testing"
	"time"
)

// ctx is one that ends only if something hangs.
func ctx(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}
