package enginetest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/gocron-fixed/gocron/distributed/conformance"
)

var write = flag.Bool("write", false, "put the table of results into docs/DISTRIBUTED.md")

func TestMain(m *testing.M) {
	engines := []conformance.Engine{nameLockEngine(os.Getenv(redisVariable))}
	for _, s := range servers {
		if address := os.Getenv(s.variable); address != "" {
			engines = append(engines, s.engine(address))
		}
	}
	conformance.ServeNode(engines...)
	os.Exit(m.Run())
}

const (
	postgresVariable  = "GOCRON_TEST_POSTGRES"
	pgbouncerVariable = "GOCRON_TEST_PGBOUNCER"
	redisVariable     = "GOCRON_TEST_REDIS"
	etcdVariable      = "GOCRON_TEST_ETCD"
	setVariable       = "GOCRON_TEST_ENGINES"
)

// The columns of the table.
const (
	onPostgres = iota
	onPgBouncer
	onRedis
	onEtcd
)

// servers are what the columns are of.
var servers = []struct {
	name     string // as scripts/engines calls it
	variable string // where its address is
	engine   func(address string) conformance.Engine
}{
	onPostgres:  {"postgres", postgresVariable, postgresEngine("PostgreSQL")},
	onPgBouncer: {"pgbouncer", pgbouncerVariable, postgresEngine("PgBouncer")},
	onRedis:     {"redis", redisVariable, redisEngine},
	onEtcd:      {"etcd", etcdVariable, etcdEngine},
}

// address is where a server is; without one the test is skipped.
func address(t *testing.T, variable string) string {
	t.Helper()
	address := os.Getenv(variable)
	if address == "" {
		t.Skipf("%s is not set: `scripts/engines run go test ./...` starts the servers", variable)
	}
	return address
}

// stoppable adds how the server, which scripts/engines has started, is stopped and
// started.
func stoppable(e conformance.Engine, name string) conformance.Engine {
	if os.Getenv(setVariable) == "" {
		return e
	}
	script := func(verb string) func(context.Context) error {
		return func(ctx context.Context) error {
			out, err := exec.CommandContext(ctx, "../../scripts/engines", verb, name).CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		}
	}
	e.Stop, e.Start = script("stop-one"), script("start-one")
	return e
}
