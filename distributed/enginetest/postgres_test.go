package enginetest

import (
	"context"
	"errors"
	"net"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gocron-fixed/gocron/distributed/conformance"
	"github.com/gocron-fixed/gocron/distributed/postgres"
	"github.com/gocron-fixed/gocron/v2"
)

// postgresEngine is PostgreSQL, or what stands in front of it, at a DSN.
func postgresEngine(name string) func(dsn string) conformance.Engine {
	return func(dsn string) conformance.Engine {
		config, err := pgxpool.ParseConfig(dsn)
		if err != nil {
			panic(name + ": the DSN cannot be parsed")
		}
		addr := net.JoinHostPort(config.ConnConfig.Host, strconv.Itoa(int(config.ConnConfig.Port)))
		return conformance.Engine{
			Name: name, Addr: addr, RunLock: true, Herds: true, Elector: true, OwnClock: true,
			NewNode: func(ctx context.Context, c conformance.NodeConfig) (*conformance.Node, error) {
				return newPostgresNode(ctx, dsn, c)
			},
			Leftovers: func(ctx context.Context, namespace string) (int, error) {
				return countRows(ctx, dsn, addr, namespace)
			},
		}
	}
}

// newPool connects to a server as dsn says, but at addr.
func newPool(ctx context.Context, dsn, addr string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.Host, config.ConnConfig.Port, config.ConnConfig.Fallbacks = host, uint16(number), nil
	return pgxpool.NewWithConfig(ctx, config)
}

func newPostgresNode(ctx context.Context, dsn string, c conformance.NodeConfig) (*conformance.Node, error) {
	pool, err := newPool(ctx, dsn, c.Addr)
	if err != nil {
		return nil, err
	}
	options := []postgres.Option{
		postgres.WithNamespace(c.Namespace), postgres.WithKeep(c.Keep), postgres.WithTTL(c.TTL),
		postgres.WithRequestTimeout(c.Timeout),
	}
	if c.RunLock {
		options = append(options, postgres.WithRunLock())
	}
	locker, err := postgres.NewLocker(ctx, pool, options...)
	if err != nil {
		pool.Close()
		return nil, err
	}
	node := &conformance.Node{Locker: gocron.ClaimerFrom(locker.Claim)}
	var elector *postgres.Elector
	if c.Elector {
		if elector, err = postgres.NewElector(ctx, pool, "leader", options...); err != nil {
			return nil, err
		}
		node.Elector = elector
	}
	node.Close = func(ctx context.Context) error {
		defer pool.Close()
		if elector == nil {
			return locker.Close(ctx)
		}
		return errors.Join(elector.Close(ctx), locker.Close(ctx))
	}
	return node, nil
}

func countRows(ctx context.Context, dsn, addr, namespace string) (n int, err error) {
	pool, err := newPool(ctx, dsn, addr)
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	const sql = `SELECT (SELECT count(*) FROM gocron_claims WHERE namespace = $1)
		+ (SELECT count(*) FROM gocron_leases WHERE namespace = $1)`
	err = pool.QueryRow(ctx, sql, pgx.QueryExecModeExec, namespace).Scan(&n)
	return n, err
}
