package enginetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/distributed/conformance"
	"github.com/gocron-fixed/gocron/v2"
)

// BenchmarkClaims has one node claim for many jobs at once, so that its claims go
// together, and eight nodes claim one after the other, so that each goes alone. It tells
// how many claims are made in a second, and what one costs the engine:
//
//	scripts/engines run go test -C distributed/enginetest -run '^$' -bench . -benchtime 20000x
func BenchmarkClaims(b *testing.B) {
	for _, s := range servers {
		address := os.Getenv(s.variable)
		if address == "" || s.name == "pgbouncer" {
			continue
		}
		engine := s.engine(address)
		b.Run(engine.Name+"/together", func(b *testing.B) { benchmarkClaims(b, engine, s.name, 1, 10_000) })
		b.Run(engine.Name+"/alone", func(b *testing.B) { benchmarkClaims(b, engine, s.name, 8, 1) })
	}
}

// benchmarkClaims has so many nodes ask, each for so many at once.
func benchmarkClaims(b *testing.B, engine conformance.Engine, name string, nodes, atOnce int) {
	ctx := context.Background()
	claimers := make([]gocron.Claimer, nodes)
	for i := range claimers {
		node, err := engine.NewNode(ctx, conformance.NodeConfig{
			Name: strconv.Itoa(i), Addr: engine.Addr, Namespace: fmt.Sprint("bench", time.Now().UnixNano()),
			Keep: time.Hour, TTL: 15 * time.Second, Timeout: 30 * time.Second,
		})
		if err != nil {
			b.Fatal(err)
		}
		defer node.Close(ctx)
		claimers[i] = node.Locker.(gocron.Claimer)
	}
	now := time.Now()
	claim := func(claimer gocron.Claimer, i int) {
		if _, err := claimer.Claim(ctx, fmt.Sprint("job", i), now); err != nil {
			b.Error(err)
		}
	}
	before := engineCPU(b, name)
	b.ResetTimer()
	for from := 0; from < b.N; from += nodes * atOnce {
		var all sync.WaitGroup
		for i := from; i < min(from+nodes*atOnce, b.N); i++ {
			all.Go(func() { claim(claimers[i%nodes], i) })
		}
		all.Wait()
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "claims/s")
	b.ReportMetric(float64((engineCPU(b, name)-before).Microseconds())/float64(b.N), "engine-µs/claim")
	b.ReportMetric(0, "ns/op")
}

// engineCPU is the time that the processors have spent on the engine which scripts/engines
// has started, with its children, of which some may have ended.
func engineCPU(b *testing.B, name string) time.Duration {
	text, err := os.ReadFile(filepath.Join(os.Getenv(setVariable), name+".pid"))
	if err != nil {
		b.Fatal(err)
	}
	engine := strings.TrimSpace(string(text))
	processes, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(processes) == 0 {
		b.Skip("there is no /proc here")
	}
	var ticks int64
	for _, file := range processes {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest) // from the third on: state, parent, …
		if filepath.Base(filepath.Dir(file)) != engine && fields[1] != engine {
			continue
		}
		spent := fields[11:13]
		if fields[1] != engine {
			spent = fields[11:15] // with those of its children that have ended
		}
		for _, f := range spent {
			n, _ := strconv.ParseInt(f, 10, 64)
			ticks += n
		}
	}
	return time.Duration(ticks) * (time.Second / 100)
}
