package main

import (
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"
)

// cpuTime is what this process has used, in the kernel too.
func cpuTime() time.Duration {
	var u syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// keptBytes is the memory in use after garbage collection.
func keptBytes() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}

// A peak measures the most memory that the process has had resident, above what
// it had at a moment.
type peak struct{ before float64 }

// startPeak has the kernel forget the peak so far.
func startPeak() peak {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	return peak{residentBytes("VmRSS:")}
}

// fromHere is a peak above what is resident now.
func (p peak) fromHere() peak { return peak{residentBytes("VmRSS:")} }

func (p peak) bytes() float64 { return max(0, residentBytes("VmHWM:")-p.before) }

// residentBytes is 0 where there is no /proc.
func residentBytes(field string) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte(field))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, _ := strconv.ParseFloat(string(fields[0]), 64)
	return kilobytes * 1024
}
