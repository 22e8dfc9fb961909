package postgres

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestZZHerd(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	for round := range 3 {
		start := databaseNow(t, db)
		var all sync.WaitGroup
		var won [3]atomic.Int64
		begin := time.Now()
		for n := range 3 {
			l := newLocker(t, db, WithTable(prefix))
			for i := range 10000 {
				all.Go(func() {
					_, err := l.Claim(t.Context(), fmt.Sprint("job", i), start)
					if err == nil {
						won[n].Add(1)
					} else {
						require.ErrorIs(t, err, ErrTaken)
					}
				})
			}
		}
		all.Wait()
		fmt.Println(round, time.Since(begin), won[0].Load(), won[1].Load(), won[2].Load())
	}
}
