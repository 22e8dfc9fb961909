package enginetest

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gocron-fixed/gocron/distributed/conformance"
)

// TestConformance puts every adapter through the suite, two at a time. Two never use the same
// server, because some cases stop it. With -short the herds are left out. The name lock has to
// fail: that shows that the suite finds what it looks for.
func TestConformance(t *testing.T) {
	columns := make([][]conformance.Result, len(servers)+1)
	before := buildBefore(t)
	test := func(t *testing.T, column int) {
		s := servers[column]
		t.Run(s.name, func(t *testing.T) {
			engine := stoppable(s.engine(address(t, s.variable)), s.name)
			engine.Before = before
			engine.Herds = engine.Herds && !testing.Short() // they take minutes, each alone on the machine
			columns[column] = conformance.Run(t, engine)
		})
	}
	t.Run("lanes", func(t *testing.T) {
		t.Run("one", func(t *testing.T) {
			t.Parallel()
			test(t, onPostgres)
			test(t, onPgBouncer)
		})
		t.Run("two", func(t *testing.T) {
			t.Parallel()
			test(t, onRedis)
			test(t, onEtcd)
			t.Run("control", func(t *testing.T) { columns[len(servers)] = measureNameLock(t) })
		})
	})
	results := slices.Concat(columns...)
	table := conformance.Table(results)
	t.Log("\n" + table)
	if *write && !t.Failed() {
		writeTable(t, table, len(results))
	}
}

func measureNameLock(t *testing.T) []conformance.Result {
	engine := nameLockEngine(address(t, redisVariable))
	results, err := conformance.Measure(t.Context(), engine,
		conformance.SkewedCron, conformance.SkewedInterval, conformance.LongTask)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Status != conformance.Failed || r.Figures.Duplicates == 0 {
			t.Errorf("%s: the suite has found no duplicates: %v, %v", r.Case, r.Figures, r.Err)
		}
	}
	return results
}

const (
	tableFile  = "../../docs/DISTRIBUTED.md"
	tableBegin = "<!-- conformance: scripts/engines run go test -C distributed/enginetest . -write -timeout 30m -->\n"
	tableEnd   = "<!-- conformance end -->\n"
)

// writeTable replaces what is between the markers. The file without them, or results of
// less than all engines, are refused.
func writeTable(t *testing.T, table string, results int) {
	if all := len(servers)*len(conformance.Cases()) + 3; results != all {
		t.Fatalf("-write needs all engines: there are %d results, not %d", results, all)
	}
	text, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), tableBegin)
	_, after, ended := strings.Cut(rest, tableEnd)
	if !begun || !ended {
		t.Fatalf("%s has no lines %q and %q", tableFile, tableBegin, tableEnd)
	}
	if err := os.WriteFile(tableFile, []byte(before+tableBegin+table+tableEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
