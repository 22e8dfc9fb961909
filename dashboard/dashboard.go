// Package dashboard is a web page for a scheduler of gocron: what every job did, does and will
// do, and why; and a few actions. It is one http.Handler, which works under any path:
//
//	page := dashboard.New(gocron.NewController(s), nil)
//	err := http.ListenAndServe("127.0.0.1:8080", page)
//
// or, as a part of a program's own pages,
//
//	page := dashboard.New(gocron.NewController(s), access, dashboard.WithHosts("ops.example.com"))
//	mux.Handle("/jobs/", page)
//
// The pages are made by the server, and work without JavaScript. With JavaScript they follow the
// scheduler by server-sent events. Nothing is loaded from elsewhere.
//
// The package imports nothing of gocron, so that it serves programs that have gocron under either
// of its paths.
package dashboard

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// Control is what the page needs of a scheduler: a *gocron.Controller has these methods. Run is the
// type of a run, gocron.RunInfo, which New infers. UUID is github.com/google/uuid's.
type Control[Run any] interface {
	Snapshot(ctx context.Context, filter, cursor string, limit int) ([]byte, string, error)
	Watch(ctx context.Context, f func(stage string, run Run)) error
	RunAndWait(ctx context.Context, id uuid.UUID) (Run, error)
	PauseWith(id uuid.UUID, who, note string) error
	PauseByTagsWith(who, note string, tags ...string) error
	Resume(id uuid.UUID) error
	ResumeByTags(tags ...string) error
	Cancel(id uuid.UUID) error
	SetLimit(limit uint, pool ...string) error
}

// The actions that an Access is asked about.
const (
	ActionRead   = "read"   // every page, and the stream of its changes
	ActionRun    = "run"    // run a job now
	ActionPause  = "pause"  // pause a job, or all jobs with a tag
	ActionResume = "resume" // end a pause
	ActionCancel = "cancel" // cancel the runs of a job that are in progress
	ActionLimit  = "limit"  // change the limit of the scheduler or of a pool
)

// Access decides whether a request may do an action, and says who asks: the name stands in the
// log, and with a pause. An error refuses; its text goes to the log and not to the browser.
//
// It is asked for ActionRead by every request, and again every few seconds by a stream that is
// open. The other actions are asked about by a POST that is to be carried out, and by a GET to see
// which of them a page should offer. It may be called by many goroutines at once.
type Access func(r *http.Request, action string) (who string, err error)

// An Option changes what New makes.
type Option func(*dashboard)

// WithHosts adds names under which the page is reached, as the Host header has them, such as
// "ops.example.com". A name without a port stands for every port. Requests for any other host are
// refused, for a page of a stranger may have a name that leads to this program. Loopback names and
// addresses are always in the list. WithHosts panics for what is not a host, or a host and a port.
func WithHosts(hosts ...string) Option {
	return func(d *dashboard) {
		for _, host := range hosts {
			d.hosts.add(host)
		}
	}
}

// WithLogger sets where actions and refusals are logged. Without it, or with nil, that is
// slog.Default().
func WithLogger(logger *slog.Logger) Option {
	return func(d *dashboard) {
		if logger != nil {
			d.log = func() *slog.Logger { return logger }
		}
	}
}

// WithTitle sets the name at the head of every page, which tells two schedulers apart. Without it,
// or with "", that is "gocron".
func WithTitle(title string) Option {
	return func(d *dashboard) {
		if title != "" {
			d.title = title
		}
	}
}

// New makes the page of one scheduler, for instance with gocron.NewController(s). It panics if
// control is nil. Nothing runs between requests.
//
// With an access of nil everybody on this machine may read, and nobody may do anything: requests
// must come from a loopback address, for a loopback host, and through no proxy.
func New[Run any](control Control[Run], access Access, options ...Option) http.Handler {
	if control == nil {
		panic("dashboard: New: control is nil")
	}
	d := &dashboard{
		control: adapter[Run]{control},
		access:  access,
		title:   "gocron",
		log:     slog.Default,
		runWait: 30 * time.Second,
	}
	d.live.init(d)
	for _, option := range options {
		option(d)
	}
	// A scheduler knows which runs are in progress while somebody watches. An error, of one that was
	// shut down or is not gocron's, is told by every page.
	_ = control.Watch(context.Background(), func(string, Run) { d.live.changes.Add(1) })
	return d
}

// dashboard is the handler. New sets all fields. Only what is in live changes after that.
type dashboard struct {
	control control
	access  Access
	hosts   hostList
	title   string
	log     func() *slog.Logger
	runWait time.Duration // for how long a request waits for its run
	live    hub
}

// control is a Control whose runs are JSON.
type control interface {
	Snapshot(ctx context.Context, filter, cursor string, limit int) ([]byte, string, error)
	runAndWait(ctx context.Context, id uuid.UUID) ([]byte, error)
	PauseWith(id uuid.UUID, who, note string) error
	PauseByTagsWith(who, note string, tags ...string) error
	Resume(id uuid.UUID) error
	ResumeByTags(tags ...string) error
	Cancel(id uuid.UUID) error
	SetLimit(limit uint, pool ...string) error
}

type adapter[Run any] struct{ Control[Run] }

// runAndWait also returns the run when ctx has ended before it: how far it has come.
func (a adapter[Run]) runAndWait(ctx context.Context, id uuid.UUID) ([]byte, error) {
	run, err := a.RunAndWait(ctx, id)
	text, jsonErr := json.Marshal(run)
	if err == nil {
		err = jsonErr
	}
	return text, err
}
