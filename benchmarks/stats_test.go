package main

import (
	"math"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 2, 9}, 3},
	} {
		if got := median(test.values); got != test.want {
			t.Errorf("median(%v) = %v, want %v", test.values, got, test.want)
		}
	}
}

func TestPercentile(t *testing.T) {
	values := make([]float64, 1000)
	for i := range values {
		values[len(values)-1-i] = float64(i)
	}
	for p, want := range map[float64]float64{0: 0, 0.5: 500, 0.99: 990, 0.999: 999, 1: 999} {
		if got := percentile(values, p); got != want {
			t.Errorf("percentile %v is %v, want %v", p, got, want)
		}
	}
}

func TestLogSlope(t *testing.T) {
	xs := []float64{1e3, 1e4, 1e5, 1e6}
	for _, power := range []float64{0, 0.25, 1, 2} {
		var ys []float64
		for _, x := range xs {
			ys = append(ys, 7*math.Pow(x, power))
		}
		if got := logSlope(xs, ys); math.Abs(got-power) > 1e-9 {
			t.Errorf("slope of x^%v is %v", power, got)
		}
	}
}

func TestFormats(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{inTime.format(0), "0"},
		{inTime.format(97), "97.0 ns"},
		{inTime.format(1530), "1.53 µs"},
		{inTime.format(16.4e6), "16.4 ms"},
		{inTime.format(123e9), "123 s"},
		{inBytes.format(283), "283 B"},
		{inBytes.format(67 << 20), "67.0 MiB"},
		{inCount.format(960000), "960000"},
		{inCount.format(1), "1.0"},
		{inSlope.format(0.284), "0.28"},
		{formatRatio(0.0449), "0.045"},
		{formatRatio(0.00001), "<0.0001"},
		{formatRatio(24.3), "24"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestWorstInversion(t *testing.T) {
	for _, test := range []struct {
		starts []int64
		want   float64
	}{
		{[]int64{1, 2, 3}, 0},
		{[]int64{1, 5, 3, 4}, 2},
		{[]int64{9, 2, 3, 1}, 8},
	} {
		if got := worstInversion(test.starts); got != test.want {
			t.Errorf("worst inversion of %v is %v, want %v", test.starts, got, test.want)
		}
	}
}
