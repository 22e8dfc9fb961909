package dashboard

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// textAccess allows everything to one of the name.
func textAccess(who string) Access {
	return func(*http.Request, string) (string, error) { return who, nil }
}

func TestActions(t *testing.T) {
	const job = "&id=00000000-0000-4000-8000-000000000001"
	long := strings.Repeat("ü", mostNote)
	for _, tc := range []struct {
		form string
		code int
		told string
		to   string
	}{
		{"action=pause&note=+deploy%0a" + job, 303, `pause ` + idOf(1) + ` by "alice": "deploy"`, "job?id=" + idOf(1) + "&done=pause"},
		{"action=pause&tag=nightly&note=x", 303, `pause ["nightly"] by "alice": "x"`, "./?tag=nightly&done=pause"},
		{"action=pause&tag=a%26b%3Dc", 303, `pause ["a&b=c"] by "alice": ""`, "./?tag=a%26b%3Dc&done=pause"},
		{"action=resume" + job, 303, "resume " + idOf(1), "job?id=" + idOf(1) + "&done=resume"},
		{"action=resume&tag=nightly", 303, `resume ["nightly"]`, "./?tag=nightly&done=resume"},
		{"action=cancel" + job, 303, "cancel " + idOf(1), "job?id=" + idOf(1) + "&done=cancel"},
		{"action=limit&pool=probes&limit=7", 303, `limit 7 of ["probes"]`, "scheduler?done=limit"},
		{"action=limit&pool=&limit=1", 303, `limit 1 of [""]`, "scheduler?done=limit"},
		{"action=run" + job, 200, "run " + idOf(1), ""},
		{"action=pause&note=" + long + job, 303, `pause ` + idOf(1) + ` by "alice": "` + long + `"`, "job?id=" + idOf(1) + "&done=pause"},
		{"action=pause&note=" + long + "x" + job, 400, "", ""},
		{"action=limit&pool=probes&limit=0", 400, "", ""},
		{"action=limit&pool=probes&limit=-1", 400, "", ""},
		{"action=limit&pool=probes&limit=4294967296", 400, "", ""},
		{"action=limit&pool=probes", 400, "", ""},
		{"action=limit&limit=3", 400, "", ""},
		{"action=run&tag=nightly", 400, "", ""},
		{"action=cancel&tag=nightly", 400, "", ""},
		{"action=pause&tag=nightly" + job, 400, "", ""},
		{"action=pause", 400, "", ""},
		{"action=pause&id=1", 400, "", ""},
		{"action=read" + job, 400, "", ""},
		{"action=" + job, 400, "", ""},
		{"action=pause&note=" + strings.Repeat("x", mostForm) + job, 400, "", ""},
	} {
		f := newFake()
		form, err := url.ParseQuery(tc.form)
		if err != nil {
			t.Fatal(err)
		}
		logger, log := logged()
		w := serve(New[ranRun](f, allow, WithLogger(logger)), post(form))
		if w.Code != tc.code || strings.Join(f.told, ";") != tc.told || w.Header().Get("Location") != tc.to {
			t.Errorf("%.80s: %d, told %q, to %q; want %d, %q, %q", tc.form, w.Code, f.told, w.Header().Get("Location"), tc.code, tc.told, tc.to)
		}
		if done := tc.told != ""; strings.Contains(log.String(), "who=alice") != done || strings.Contains(log.String(), "action="+form.Get("action")) != done {
			t.Errorf("%.80s: the log says %q", tc.form, log)
		}
	}
}

func TestActionThatTheSchedulerRefuses(t *testing.T) {
	f := newFake()
	f.refusal = errors.New("gocron: no such job")
	logger, log := logged()
	w := serve(New[ranRun](f, allow, WithLogger(logger)), post(url.Values{"action": {"cancel"}, "id": {idOf(9)}}))
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "The scheduler says: gocron: no such job") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "no such job") {
		t.Errorf("log: %s", log)
	}
}

func TestRunNow(t *testing.T) {
	const text = "the disk is full"
	full := text
	for _, tc := range []struct {
		name   string
		result ranRun
		err    error
		code   int
		want   string
	}{
		{"succeeds", ranRun{ID: 7, JobName: "mail", Outcome: "succeeded", StartedAt: noon, FinishedAt: noon.Add(1500 * time.Millisecond)}, nil, 200, "mail: succeeded"},
		{"fails", ranRun{ID: 7, JobName: "mail", Outcome: "failed", Err: &full, StartedAt: noon, FinishedAt: noon}, nil, 200, "failed: the disk is full"},
		{"is not made", ranRun{}, errors.New("the scheduler is not running"), 409, "The scheduler says: the scheduler is not running"},
		{"is dropped", ranRun{ID: 7, Outcome: "dropped-queue-full"}, errors.New("queue is full"), 409, "queue is full"},
		{"goes on", ranRun{ID: 7, Outcome: "pending"}, context.DeadlineExceeded, 303, ""},
	} {
		f := newFake()
		f.result, f.run = tc.result, func(context.Context) error { return tc.err }
		logger, log := logged()
		w := serve(New[ranRun](f, allow, WithLogger(logger)), post(url.Values{"action": {"run"}, "id": {idOf(2)}}))
		if w.Code != tc.code || !strings.Contains(w.Body.String(), tc.want) {
			t.Errorf("%s: %d, want %d: %s", tc.name, w.Code, tc.code, w.Body)
		}
		if tc.code == 303 && w.Header().Get("Location") != "job?id="+idOf(2)+"&done=running" {
			t.Errorf("%s: to %q", tc.name, w.Header().Get("Location"))
		}
		if strings.Count(log.String(), "who=alice") != 2 {
			t.Errorf("%s: who asked, and what came of it, is not in the log: %s", tc.name, log)
		}
	}
}

// TestRunNowWaitsAsLongAsTheBrowser: its request's context bounds the wait.
func TestRunNowWaitsAsLongAsTheBrowser(t *testing.T) {
	f := newFake()
	ctx, cancel := context.WithCancel(context.Background())
	f.run = func(ctx context.Context) error {
		if _, bounded := ctx.Deadline(); !bounded {
			t.Error("the wait has no bound")
		}
		cancel()
		<-ctx.Done()
		if !errors.Is(ctx.Err(), context.Canceled) {
			t.Errorf("the wait ends by %v", ctx.Err())
		}
		return ctx.Err()
	}
	serve(New[ranRun](f, allow, WithLogger(quiet)), post(url.Values{"action": {"run"}, "id": {idOf(2)}}).WithContext(ctx))
}

func TestAfterAnAction(t *testing.T) {
	h := New[ranRun](newFake(), allow, WithLogger(quiet))
	if page := get(t, h, "/job?id="+idOf(2)+"&done=pause"); !strings.Contains(page, `role="status">Paused.`) {
		t.Error("the page does not say that the job is paused")
	}
	if page := get(t, h, "/job?id="+idOf(2)+"&done=You+have+won"); strings.Contains(page, "You have won") {
		t.Error("a link can make the page say anything")
	}
}
