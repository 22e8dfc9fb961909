package main

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// A unit says how a value is written. Times are in nanoseconds.
type unit int

const (
	inTime unit = iota
	inBytes
	inCount
	inSlope
)

func (u unit) format(v float64) string {
	if v == 0 {
		return "0"
	}
	switch u {
	case inTime:
		return formatTime(v)
	case inBytes:
		return scaled(v, 1024, "B", "KiB", "MiB", "GiB")
	case inSlope:
		return fmt.Sprintf("%.2f", v)
	}
	if v >= 1000 {
		return strconv.FormatFloat(math.Round(v), 'f', -1, 64)
	}
	return formatRatio(v)
}

func formatTime(ns float64) string {
	if ns >= float64(time.Second) {
		return significant(ns/float64(time.Second)) + " s"
	}
	return scaled(ns, 1000, "ns", "µs", "ms")
}

// scaled writes v in the greatest of the units, each step times the one before,
// that leaves it at one or more.
func scaled(v, step float64, units ...string) string {
	i := 0
	for ; v >= step && i < len(units)-1; i++ {
		v /= step
	}
	return significant(v) + " " + units[i]
}

// significant is v with three digits that matter.
func significant(v float64) string {
	decimals := 2
	for w := math.Abs(v); w >= 9.995 && decimals > 0; w /= 10 {
		decimals--
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// formatRatio is v with two digits that matter, not less than 0.0001.
func formatRatio(v float64) string {
	if v != 0 && v < 0.0001 {
		return "<0.0001"
	}
	decimals := 0
	for w := math.Abs(v); w != 0 && w < 9.95 && decimals < 4; w *= 10 {
		decimals++
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}
