package gocron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Every day of 800 years, half of them before year 0, beside the calendar of the time package.
func TestMonths_numbers(t *testing.T) {
	var m months
	day := time.Date(-400, time.January, 1, 0, 0, 0, 0, time.UTC)
	for number := int64(-400 * 12); number < 400*12; number++ {
		require.Equal(t, day.Unix(), m.firstDay(number)*secondsPerDay, "month %d", number)
		next := day.AddDate(0, 1, 0)
		require.Equal(t, m.firstDay(number+1)-m.firstDay(number), m.length(number), "month %d", number)
		for ; day.Before(next); day = day.AddDate(0, 0, 1) {
			if got := m.number(floorDiv(day.Unix(), secondsPerDay)); got != number {
				t.Fatalf("month of %v is %d, not %d", day, got, number)
			}
		}
	}
	for year := int64(1600); year < lastYear; year += 7 {
		first := time.Date(int(year), time.March, 1, 0, 0, 0, 0, time.UTC).Unix()
		require.Equal(t, first, m.firstDay(year*12+2)*secondsPerDay, "March %d", year)
	}
}

func TestFloorDiv(t *testing.T) {
	for a := int64(-8); a <= 8; a++ {
		want := (a+12)/4 - 3
		require.Equal(t, want, floorDiv(a, 4), a)
		require.Equal(t, a-want*4, floorMod(a, 4), a)
	}
}
