package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Store is one file. Its methods are the methods of gocron.Store, which says what they do, and may be
// called from anywhere, at the same time.
type Store struct {
	config
	path   string   // as given
	file   string   // its one name
	id     identity // of the file, if known
	lock   *lockFile
	db     *sql.DB   // of the connection that writes
	conn   *sql.Conn // what writes has it, in turn
	read   *sql.DB   // connections that only read
	names  names
	writer writer
	clean  cleaner
	broken atomic.Pointer[error] // the file is damaged

	mu     sync.Mutex // protects the following
	closed bool
	use    *use // that was begun by Open, nil for none
}

// Open opens the file at path, and makes it if there is none; its folder must exist. It must be on a
// disk of this machine: on a network file system locks cannot be relied on.
//
// The file is then this Store's until Close or the end of the process, whatever ends it: another
// Open of it returns an error that Is ErrInUse and says which process has it. Other programs may
// read it. If it was not closed, Open looks for damage, for two seconds at most, and returns
// ErrCorrupt if it finds any. ErrNewer and ErrForeign are returned before anything is written.
// If ctx ends, Open returns its error.
func Open(ctx context.Context, path string, options ...Option) (*Store, error) {
	s := &Store{
		path:   path,
		config: config{keepRows: defaultKeepRows, keepFor: defaultKeepFor},
		names:  names{map[string]*named{}},
	}
	s.writer.write = s.write
	if err := s.open(ctx, options); err != nil {
		s.letGo()
		return nil, s.failed("open", err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, options []Option) error {
	for _, option := range options {
		if option == nil {
			return errors.New("an option is nil")
		}
		if err := option(&s.config); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	path, err := resolve(s.path)
	if err != nil {
		return err
	}
	s.file = path
	if s.lock, err = takeLock(path + ".lock"); err != nil {
		return err
	}
	if err := s.connect(ctx, path); err != nil {
		return err
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	s.id, _ = identify(path)
	return nil
}

// errMoved is why nothing is written to a file that the next program would not find.
var errMoved = fmt.Errorf("%w (the file was moved, deleted or replaced while it was open: put it back, or end the program)", ErrReadOnly)

// inPlace returns an error unless the file that is open still is where it was.
func (s *Store) inPlace() error {
	if id, ok := identify(s.file); ok && id != s.id {
		return errMoved
	}
	return nil
}

// resolve is the one name of the file at path, so that a second way to it meets the same lock.
func resolve(path string) (string, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") || strings.HasPrefix(path, "file:") {
		return "", fmt.Errorf("path %q: must be the name of a file; gocron.NewMemoryStore keeps things in memory", path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	switch real, err := filepath.EvalSymlinks(path); {
	case err == nil:
		if info, err := os.Stat(real); err == nil && info.IsDir() {
			return "", fmt.Errorf("path %q: is a folder, and must be the name of a file in it", path)
		}
		return real, nil
	case !errors.Is(err, os.ErrNotExist):
		return "", err
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", fmt.Errorf("the folder must exist: %w", err)
	}
	return filepath.Join(folder, filepath.Base(path)), nil
}

// connect makes the connection that writes. It takes no look at the file yet.
func (s *Store) connect(ctx context.Context, path string) (err error) {
	if s.db, err = sql.Open("sqlite", address(path, "rwc")); err != nil {
		return err
	}
	s.db.SetMaxOpenConns(1)
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return err
	}
	if s.read, err = sql.Open("sqlite", address(path, "ro")+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(4)
	s.read.SetMaxIdleConns(1)
	return nil
}

// address is the name of the file at path as SQLite's driver takes it.
func address(path, mode string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/folder
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: fmt.Sprintf("mode=%s&_pragma=busy_timeout(%d)", mode, busyTimeout.Milliseconds())}
	return u.String()
}

// prepare takes a look at the file, and makes it ready to be written.
func (s *Store) prepare(ctx context.Context) error {
	found, err := examine(ctx, s.conn)
	if err != nil {
		return err
	}
	if !found.clean {
		within, cancel := context.WithTimeout(ctx, checkTimeout)
		err := check(within, s.conn)
		cancel()
		if err != nil {
			return err
		}
	}
	if err := s.configure(ctx); err != nil {
		return err
	}
	if err := migrate(ctx, s.conn, found.version); err != nil {
		return err
	}
	if _, err := s.conn.ExecContext(ctx, "UPDATE store SET clean = 0"); err != nil {
		return err
	}
	if err := s.names.fill(ctx, s.conn); err != nil {
		return err
	}
	return s.startCleaning(ctx)
}

// configure sets how SQLite works on this file.
func (s *Store) configure(ctx context.Context) error {
	var mode string
	if err := s.conn.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the file must be on a disk of this machine: it cannot have a write-ahead log there, only the journal mode %q", mode)
	}
	sync := "NORMAL"
	if s.fullSync {
		sync = "FULL"
	}
	for _, pragma := range append([]string{
		"synchronous = " + sync,
		"cache_size = -8192", // KiB
		"journal_size_limit = 16777216",
	}, s.pragmas...) {
		if _, err := s.conn.ExecContext(ctx, "PRAGMA "+pragma); err != nil {
			return err
		}
	}
	return nil
}

// Close waits for what is being written, and lets go of the file. What is asked later fails with
// ErrClosed. A scheduler that uses the store must be shut down before. More calls do nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if closed {
		return nil
	}
	s.writer.close()
	var err error
	if s.broken.Load() == nil {
		_, err = s.conn.ExecContext(context.Background(), "UPDATE store SET clean = 1")
	}
	return s.failed("close", errors.Join(err, s.letGo()))
}

// letGo closes what is open.
func (s *Store) letGo() error {
	var errs []error
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.lock != nil {
		s.lock.release()
	}
	return errors.Join(errs...)
}

// failed is err as the methods return it. A damaged file is remembered.
func (s *Store) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	err = explained(err)
	if errors.Is(err, ErrCorrupt) {
		s.broken.CompareAndSwap(nil, &err)
	}
	return &Error{Op: op, Path: s.path, Err: err}
}

// usable is why nothing can be done with the file, nil if something can.
func (s *Store) usable() error {
	if broken := s.broken.Load(); broken != nil {
		return *broken
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	return nil
}

// stillOurs returns an error if what is written now could be lost, or be written beside another
// program. It expects the writer's turn.
func (s *Store) stillOurs() error {
	if err := s.inPlace(); err != nil {
		return err
	}
	renewed, err := s.lock.renew()
	if renewed {
		s.names.clear()
	}
	return err
}

// A use is the time from Open to Release.
type use struct {
	epoch int64
	node  string
	since time.Time
}

// Open begins the use of the store by a scheduler. While one uses it, it returns an error that Is
// ErrInUse.
func (s *Store) Open(ctx context.Context, node string) (int64, error) {
	u := &use{node: node, since: time.Now()}
	if err := s.beginUse(ctx, u); err != nil {
		return 0, s.failed("begin the use", err)
	}
	return u.epoch, nil
}

func (s *Store) beginUse(ctx context.Context, u *use) error {
	s.mu.Lock()
	if other := s.use; other != nil {
		s.mu.Unlock()
		return fmt.Errorf("%w by a scheduler of this process, as node %q, since %s", ErrInUse, other.node, other.since.UTC().Format(time.RFC3339))
	}
	s.use = u
	s.mu.Unlock()
	host, _ := os.Hostname()
	err := s.submit(ctx, 1, func(b *batch) error {
		if err := b.begin(); err != nil {
			return err
		}
		if err := b.conn.QueryRowContext(context.Background(), "SELECT coalesce(max(epoch), 0) + 1 FROM use_rows").Scan(&u.epoch); err != nil {
			return err
		}
		_, err := b.exec("INSERT INTO use_rows (epoch, node, host, pid, begun) VALUES (?, ?, ?, ?, ?)",
			u.epoch, u.node, host, os.Getpid(), u.since.UnixNano())
		if err != nil {
			return err
		}
		_, err = b.exec("DELETE FROM use_rows WHERE epoch <= ?", u.epoch-mostUses)
		return err
	})
	if err != nil {
		s.mu.Lock()
		s.use = nil
		s.mu.Unlock()
	}
	return err
}

// mostUses is how many rows the table of uses has at most.
const mostUses = 1000

// Release ends the use that Open has begun. Without one it does nothing.
func (s *Store) Release(ctx context.Context) error {
	s.mu.Lock()
	u := s.use
	s.mu.Unlock()
	if u == nil {
		return nil
	}
	err := s.submit(ctx, 1, func(b *batch) error {
		_, err := b.exec("UPDATE use_rows SET ended = ? WHERE epoch = ?", time.Now().UnixNano(), u.epoch)
		return err
	})
	s.mu.Lock()
	if s.use == u {
		s.use = nil
	}
	s.mu.Unlock()
	return s.failed("release", err)
}
