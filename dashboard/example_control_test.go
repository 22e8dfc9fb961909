package dashboard_test

import (
	"context"
	"io"
	"log/slog"

	"github.com/google/uuid"
)

const job = "00000000-0000-4000-8000-000000000001"

// control stands for gocron.NewController(s), which this module does not import.
var control stub

// quiet keeps the example from the standard logger.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// stub has one job.
type stub struct{}

func (stub) Snapshot(context.Context, string, string, int) ([]byte, string, error) {
	return []byte(`{"jobs": {"matched": 1, "rows": [{"id": "` + job + `", "name": "backup"}]}}`), "", nil
}
func (stub) Watch(context.Context, func(string, string)) error      { return nil }
func (stub) RunAndWait(context.Context, uuid.UUID) (string, error)  { return "", nil }
func (stub) PauseWith(uuid.UUID, string, string) error              { return nil }
func (stub) PauseByTagsWith(who, note string, tags ...string) error { return nil }
func (stub) Resume(uuid.UUID) error                                 { return nil }
func (stub) ResumeByTags(...string) error                           { return nil }
func (stub) Cancel(uuid.UUID) error                                 { return nil }
func (stub) SetLimit(uint, ...string) error                         { return nil }
