package etcd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

const (
	// defaultQuota is the most that a database holds if its server is not told otherwise,
	// and says nothing of it.
	defaultQuota = 2 << 30
	// muchHistory is how many revisions a server that compacts would not have kept all of.
	muchHistory = 100_000
)

// errFills is what Check finds wrong.
var errFills = errors.New("claims fill the database, and then none can be made")

// Check asks every server whether it answers and has room for claims. The database of etcd
// grows with its history, also by what has been deleted, until that is compacted: a server
// does so by itself only with --auto-compaction-retention. The error is an *Error. It names
// a database that is full or nearly so, and a long history of which nothing was ever
// compacted. A program may call it when it starts; nothing else does.
func (l *Locker) Check(ctx context.Context) error {
	of := Error{Op: "check", Namespace: l.server.namespace}
	if ctx == nil {
		return newError(context.Background(), of, errNoContext)
	}
	limited, cancel := l.server.bounded(ctx)
	defer cancel()
	if err := l.server.check(limited); err != nil {
		return newError(ctx, of, answered(limited, err))
	}
	return nil
}

func (s *server) check(ctx context.Context) error {
	if err := s.usable(); err != nil {
		return err
	}
	var revision int64
	for _, endpoint := range s.client.Endpoints() {
		status, err := s.client.Status(ctx, endpoint)
		if err != nil {
			return err
		}
		if err := checkRoom(status); err != nil {
			return err
		}
		revision = max(revision, status.Header.Revision)
	}
	if revision < muchHistory {
		return nil
	}
	_, err := s.client.Get(ctx, s.key(kindClaim, ""), clientv3.WithRev(1))
	switch {
	case errors.Is(err, rpctypes.ErrCompacted):
		return nil
	case err != nil:
		return err
	}
	return said{text: fmt.Sprintf("etcd has kept all its %d revisions: start it with --auto-compaction-retention", revision), err: errFills}
}

func checkRoom(status *clientv3.StatusResponse) error {
	for _, alarm := range status.Errors {
		if strings.Contains(alarm, "NOSPACE") {
			return errFull
		}
	}
	quota := status.DbSizeQuota
	if quota == 0 {
		quota = defaultQuota
	}
	if used := status.DbSize; used > quota/5*4 {
		return said{text: fmt.Sprintf("the database has %d of %d bytes: compact and defragment it", used, quota), err: errFills}
	}
	return nil
}
