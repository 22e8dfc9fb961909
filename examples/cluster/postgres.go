package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gocron-fixed/gocron/distributed/postgres"
	"github.com/gocron-fixed/gocron/v2"
)

var postgresEngine = &engine{
	title: "PostgreSQL",
	install: "Install it with `apt-get install postgresql`, `dnf install postgresql-server` or `brew install postgresql`, " +
		"or have initdb and postgres in the PATH",
	elects: true,
	find: func() error {
		_, err := postgresPrograms()
		if err == nil {
			_, err = lessRights()
		}
		return err
	},
	start: startPostgres,
	join:  joinPostgres,
}

// postgresPrograms returns the folder of PostgreSQL's programs: that in the PATH, or the
// newest of those that packages make.
func postgresPrograms() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil && hasServer(filepath.Dir(path)) {
		return filepath.Dir(path), nil
	}
	newest, found := -1.0, ""
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"} {
		folders, _ := filepath.Glob(pattern)
		for _, bin := range folders {
			if v := versionOf(filepath.Base(filepath.Dir(bin))); v > newest && hasServer(bin) {
				newest, found = v, bin
			}
		}
	}
	if found == "" {
		return "", errors.New("PostgreSQL's programs initdb and postgres were not found")
	}
	return found, nil
}

// hasServer reports whether both programs are in the folder. Packages of the client alone
// have neither.
func hasServer(bin string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := exec.LookPath(filepath.Join(bin, name)); err != nil {
			return false
		}
	}
	return true
}

// versionOf is the version in the name of a folder such as 15, 9.6 or pgsql-15, else 0.
func versionOf(folder string) float64 {
	v, err := strconv.ParseFloat(strings.TrimPrefix(folder, "pgsql-"), 64)
	if err != nil {
		return 0
	}
	return v
}

// startPostgres starts a server that only those who know its password can use.
func startPostgres(ctx context.Context, dir string) (*server, error) {
	bin, err := postgresPrograms()
	if err != nil {
		return nil, err
	}
	rights, err := lessRights()
	if err != nil {
		return nil, err
	}
	if err := rights.own(dir); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	password, data := rand.Text(), filepath.Join(dir, "data")
	if err := initPostgres(ctx, rights, bin, data, password); err != nil {
		return nil, err
	}
	// Nothing here has to outlive the machine.
	cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-c", "fsync=off",
		"-c", "listen_addresses=127.0.0.1", "-c", "port="+port, "-c", "unix_socket_directories=")
	rights.apply(cmd)
	address := (&url.URL{
		Scheme: "postgres", User: url.UserPassword("gocron", password), Host: net.JoinHostPort("127.0.0.1", port),
		Path: "postgres", RawQuery: "sslmode=disable",
	}).String()
	return startServer(ctx, cmd, dir, address, func(ctx context.Context) error {
		connection, err := pgx.Connect(ctx, address)
		if err != nil {
			return err
		}
		return connection.Close(ctx)
	})
}

func initPostgres(ctx context.Context, rights rights, bin, data, password string) error {
	// Who may not enter the folder cannot read the file.
	file := filepath.Join(filepath.Dir(data), "password")
	if err := os.WriteFile(file, []byte(password), 0o644); err != nil {
		return err
	}
	defer os.Remove(file)
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "gocron", "--pwfile", file,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync")
	cmd.Dir = filepath.Dir(data)
	rights.apply(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, tail(string(out)))
	}
	return nil
}

func joinPostgres(ctx context.Context, address string) (_ *member, err error) {
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		return nil, err
	}
	m := &member{}
	var closers []func(context.Context) error
	m.close = func(ctx context.Context) error {
		defer pool.Close()
		var errs []error
		for _, c := range closers {
			errs = append(errs, c(ctx))
		}
		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			_ = m.close(ctx)
		}
	}()
	claims, err := postgres.NewLocker(ctx, pool, postgres.WithNamespace(namespace))
	if err != nil {
		return nil, err
	}
	closers = append(closers, claims.Close)
	runLock, err := postgres.NewLocker(ctx, pool, postgres.WithNamespace(namespace), postgres.WithRunLock(), postgres.WithTTL(ttl))
	if err != nil {
		return nil, err
	}
	closers = append(closers, runLock.Close)
	elector, err := postgres.NewElector(ctx, pool, leader, postgres.WithNamespace(namespace), postgres.WithTTL(ttl))
	if err != nil {
		return nil, err
	}
	closers = append(closers, elector.Close)
	m.claims, m.runLock, m.elector = gocron.ClaimerFrom(claims.Claim), gocron.ClaimerFrom(runLock.Claim), elector
	return m, nil
}
