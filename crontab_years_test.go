package gocron

import (
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestYearRanges_from(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	for i := 0; i < 300; i++ {
		var list yearRanges
		written := map[int64]bool{}
		for n := r.Intn(4); n >= 0; n-- {
			first := int64(1970 + r.Intn(50))
			x := yearRange{first, first + int64(r.Intn(50)), int64(1 + r.Intn(9))}
			for y := x.first; y <= x.last; y += x.step {
				written[y] = true
			}
			list = append(list, x)
		}
		for year := int64(1960); year < 2080; year++ {
			expected := year
			for expected < 2080 && !written[expected] {
				expected++
			}
			first, ok := list.from(year)
			require.Equal(t, expected < 2080, ok, "%v from %d", list, year)
			if ok {
				require.Equal(t, expected, first, "%v from %d", list, year)
			}
		}
	}
}

func TestYears_areOfTheirKind(t *testing.T) {
	for year := firstCrontabYear; year <= lastYear; year++ {
		first := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
		kind := int64(first.Weekday())
		if first.AddDate(0, 0, 365).Year() == year {
			kind += 7
		}
		require.Equal(t, kind, kindOf(int64(year)), year)
	}
}
