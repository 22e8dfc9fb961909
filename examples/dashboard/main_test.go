package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// site is the demo's pages, with their answers to a browser on this machine.
type site struct {
	t       *testing.T
	handler http.Handler
	demo    *demo
}

func newSite(t *testing.T) *site {
	d, err := newDemo(time.Now().Add(-3 * time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	pages, err := d.pages(context.Background(), options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.play(context.Background()); err != nil {
		t.Fatal(err)
	}
	return &site{t, pages, d}
}

func (s *site) do(method, address string, form url.Values, want int) string {
	s.t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:8080/"+address, strings.NewReader(form.Encode()))
	r.RemoteAddr = "127.0.0.1:4321"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != want {
		s.t.Fatalf("%s %s: %d: %s", method, address, w.Code, w.Body)
	}
	return w.Body.String()
}

func (s *site) get(address string) string {
	s.t.Helper()
	return s.do("GET", address, nil, 200)
}

// id is that of a job, as the page of the jobs links to it.
func (s *site) id(name string) string {
	s.t.Helper()
	found := regexp.MustCompile(`href="job\?id=([0-9a-f-]+)">` + name + `<`).FindStringSubmatch(s.get("?q=" + name))
	if found == nil {
		s.t.Fatal("no job ", name)
	}
	return found[1]
}

func (s *site) want(page string, texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			s.t.Errorf("the page lacks %q:\n%s", text, page)
		}
	}
}

// hurry lets the scheduler's clock run ahead, until its result is called.
func (s *site) hurry() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for ctx.Err() == nil {
			s.demo.clock.Advance(time.Second)
			time.Sleep(time.Millisecond) // for the runs that are due
		}
	}()
	return func() {
		cancel()
		<-stopped
	}
}

// TestOperator does on the real scheduler what the page is for.
func TestOperator(t *testing.T) {
	s := newSite(t)

	failing := s.get("?failing=1")
	s.want(failing, "billing-export", "has expired")
	if strings.Contains(failing, "heartbeat") {
		t.Error("a job that works is among those that fail")
	}
	s.want(s.get("job?id="+s.id("billing-export")), "failed: upload: 403 Forbidden", "Next 20 runs", "every 15 minutes", "<svg")
	s.want(s.get("job?id="+s.id("newsletter")), "alice", "the template is being redone")
	s.want(s.get("?sort=-next"), "migrate-accounts")
	s.want(s.get("?state=paused"), "newsletter", "1 job")
	s.want(s.get("?kind=manual"), "rebuild-index", "1 job")
	s.want(s.get("?pool=warehouse"), "import-orders", "3 jobs")
	s.want(s.get("grid"), "billing-export, ", "failed: upload: 403 Forbidden", "it is due in the future", "it is due then, and the job is paused")
	for _, span := range []string{"1h", "6h", "7d", "30d"} {
		s.want(s.get("grid?span="+span), "heartbeat")
	}
	s.want(s.get("runs"), "warehouse", "of 1 slots taken")
	s.want(s.get("scheduler"), "running", "16, of which 1 paused", "300 runs of each job", "succeeded")
	s.want(s.get("metrics"), `gocron_runs_total{job_name="billing-export",outcome="failed"}`)

	s.do("POST", "do", url.Values{"action": {"pause"}, "tag": {"billing"}, "note": {"maintenance"}}, 303)
	s.want(s.get("?tag=billing"), "maintenance", "Resume")
	s.want(s.get("job?id="+s.id("invoice-mail")), "maintenance", "it will not run then")
	s.do("POST", "do", url.Values{"action": {"resume"}, "tag": {"billing"}}, 303)
	if strings.Contains(s.get("?tag=billing"), "maintenance") {
		t.Error("still paused")
	}

	defer s.hurry()()
	s.want(s.do("POST", "do", url.Values{"action": {"run"}, "id": {s.id("billing-export")}}, 200), "billing-export: failed", "has expired")
	s.want(s.do("POST", "do", url.Values{"action": {"run"}, "id": {s.id("heartbeat")}}, 200), "heartbeat: succeeded")
	s.want(s.get("job?id="+s.id("heartbeat")), "somebody asked for this run")
	s.do("POST", "do", url.Values{"action": {"limit"}, "pool": {"warehouse"}, "limit": {"3"}}, 303)
	s.want(s.get("scheduler"), "of 3 slots taken")
	s.do("POST", "do", url.Values{"action": {"cancel"}, "id": {s.id("crawl")}}, 303)

	// The scheduler refuses a filter that it does not know, and the page does not ask for one.
	for _, page := range []string{"?state=x&outcome=y&sort=z&q=&kind=&tag=&pool=", "grid?span=x&end=y", "job?id=" + s.id("heartbeat") + "&from=x&to=y", "live?page=&once=1", "live?page=grid&once=1", "live?page=runs&once=1"} {
		s.get(page)
	}
	s.do("GET", "?cursor=nonsense", nil, 400)

	if err := s.demo.scheduler.Shutdown(); err != nil {
		t.Log(err) // tasks take their time
	}
	s.want(s.get(""), "The scheduler is not running")
	s.do("POST", "do", url.Values{"action": {"run"}, "id": {"00000000-0000-4000-8000-000000000000"}}, 409)
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{{"x"}, {"-hours", "-1"}, {"-hours", "169"}, {"-nonsense"}} {
		if _, err := parseFlags(args, io.Discard); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
	if opts, err := parseFlags([]string{"-hours", "6", "-host", "ops"}, io.Discard); err != nil || opts.hours != 6 || len(opts.dashboard()) != 2 {
		t.Errorf("%+v, %v", opts, err)
	}
}
