package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// noon is when the tests take place: what they see does not depend on the real time.
var noon = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

// site is the demo's pages, with their answers to a browser on this machine.
type site struct {
	t       *testing.T
	handler http.Handler
	demo    *demo
}

// newSite plays the last hours before noon into a file, or opens one that is there.
func newSite(t *testing.T, file string, p past) *site {
	t.Helper()
	ctx := context.Background()
	d, err := openWithPast(ctx, file, p)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, demo: d}
	t.Cleanup(s.close)
	if s.handler, err = d.pages(ctx, options{}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.start(ctx), d.playUntil(ctx, p.now)); err != nil {
		t.Fatal(err)
	}
	return s
}

// close ends the demo, as the end of the program does.
func (s *site) close() {
	if s.demo == nil {
		return
	}
	if err := s.demo.close(); err != nil {
		s.t.Error(err)
	}
	s.demo = nil
}

func (s *site) request(method, address string, form url.Values) *http.Request {
	r := httptest.NewRequest(method, "http://127.0.0.1:8080/"+address, strings.NewReader(form.Encode()))
	r.RemoteAddr = "127.0.0.1:4321"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return r
}

func (s *site) do(method, address string, form url.Values, want int) string {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, s.request(method, address, form))
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

// runNow asks for a run, and lets time pass on the scheduler's clock until there is an answer.
func (s *site) runNow(name string) string {
	s.t.Helper()
	form := url.Values{"action": {"run"}, "id": {s.id(name)}}
	answer := make(chan string)
	go func() {
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, s.request("POST", "do", form))
		answer <- fmt.Sprint(w.Code, w.Body)
	}()
	for {
		select {
		case text := <-answer:
			return text
		default:
			if err := s.demo.playUntil(context.Background(), s.demo.clock.Now().Add(time.Second)); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// TestOperator does on the real scheduler what the page is for.
func TestOperator(t *testing.T) {
	s := newSite(t, filepath.Join(t.TempDir(), "jobs.db"), pastOf(noon, 3))

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
	s.want(s.get("scheduler"), "running", "16, of which 1 paused", "300 runs of each job", "succeeded", "sqlite.Store")
	s.want(s.get("metrics"), `gocron_runs_total{job_name="billing-export",outcome="failed"}`)

	s.do("POST", "do", url.Values{"action": {"pause"}, "tag": {"billing"}, "note": {"maintenance"}}, 303)
	s.want(s.get("?tag=billing"), "maintenance", "Resume")
	s.want(s.get("job?id="+s.id("invoice-mail")), "maintenance", "it will not run then")
	s.do("POST", "do", url.Values{"action": {"resume"}, "tag": {"billing"}}, 303)
	if strings.Contains(s.get("?tag=billing"), "maintenance") {
		t.Error("still paused")
	}

	s.want(s.runNow("billing-export"), "200", "billing-export: failed", "has expired")
	s.want(s.runNow("heartbeat"), "heartbeat: succeeded")
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
		t.Error(err)
	}
	s.want(s.get(""), "The scheduler is not running")
	s.do("POST", "do", url.Values{"action": {"run"}, "id": {"00000000-0000-4000-8000-000000000000"}}, 409)
}

// TestNightlyJobIsCaughtUp: the backup was due at 02:00 UTC while the program was down.
func TestNightlyJobIsCaughtUp(t *testing.T) {
	s := newSite(t, filepath.Join(t.TempDir(), "jobs.db"), pastOf(noon, 48))
	s.want(s.get("?q=backup"), "missed when it was due, caught up")
	const told = "succeeded; it was missed when it was due, and caught up at Tue 2026-03-03 02:15:00 &#43;00:00"
	page := s.get("job?id=" + s.id("backup"))
	s.want(page, told, "15m0s", "Mon 2026-03-02 02:00:00") // the night before all was well
	if strings.Count(page, "<td>") == 0 || strings.Count(page, "missed when it was due, and caught up") != 2 {
		t.Errorf("it is said of one run, in the table and the plot:\n%s", page)
	}
	s.want(s.get("grid?q=backup"), `aria-label="backup, Tue 2026-03-03 02:00:00 &#43;00:00: `+told)
	// What is not caught up with is one record.
	s.want(s.get("job?id="+s.id("import-orders")), "missed, 3 times from Tue 2026-03-03 01:50:00 &#43;00:00 to Tue 2026-03-03 02:10:00 &#43;00:00")
}

// TestAnotherStart: with -db the next start goes on where the last one was.
func TestAnotherStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "jobs.db")
	first := newSite(t, file, pastOf(noon, 24))
	id := first.id("heartbeat")
	first.do("POST", "do", url.Values{"action": {"pause"}, "tag": {"billing"}, "note": {"maintenance"}}, 303)
	first.close()

	later := noon.Add(16 * time.Hour) // the next night is over
	s := newSite(t, file, pastOf(later, 24))
	if !s.demo.clock.Now().Equal(later) {
		t.Errorf("the clock stands at %v: a past was played on top of the one that is there", s.demo.clock.Now())
	}
	s.want(s.get("?tag=billing"), "maintenance", "2 jobs")
	s.want(s.get("job?id="+s.id("newsletter")), "by alice")
	s.eventually("job?id="+s.id("backup"), "Wed 2026-03-04 02:00:00", "Tue 2026-03-03 02:00:00")
	if err := s.demo.playUntil(context.Background(), later.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	s.want(s.get("job?id="+s.id("backup")), "caught up at Wed 2026-03-04 04:00:00", "caught up at Tue 2026-03-03 02:15:00")
	s.want(s.get("grid?q=heartbeat"), "missed, 959 times from Tue 2026-03-03 12:01:00")
	if s.id("heartbeat") == id {
		t.Error("the ids are the same: it is one process")
	}
}

// eventually waits for texts in a page: the history of processes before is read behind Start.
func (s *site) eventually(address string, texts ...string) {
	s.t.Helper()
	for range 1000 {
		page, all := s.get(address), true
		for _, text := range texts {
			all = all && strings.Contains(page, text)
		}
		if all {
			return
		}
		time.Sleep(time.Millisecond)
	}
	s.want(s.get(address), texts...)
}

// TestPast: whatever time of the day it is, the backup was due while nothing ran, and before that
// the program has run for an hour or more.
func TestPast(t *testing.T) {
	for _, hours := range []int{0, 1, 6, 24, 168} {
		for at := noon; at.Before(noon.AddDate(1, 0, 0)); at = at.Add(7 * time.Hour) {
			p := pastOf(at, hours)
			backup := lastBackup(p.up)
			if !backup.After(p.down) || p.up.After(p.now) || p.down.Sub(p.start) < time.Hour || p.now.Sub(p.start) > 26*time.Hour && hours < 26 {
				t.Fatalf("%d hours before %v: %+v, the backup at %v", hours, at, p, backup)
			}
			if played := p.now.Sub(p.start); played < time.Duration(hours)*time.Hour {
				t.Fatalf("%d hours before %v: %v", hours, at, played)
			}
		}
	}
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{{"x"}, {"-hours", "-1"}, {"-hours", "169"}, {"-nonsense"}} {
		if _, err := parseFlags(args, io.Discard); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
	opts, err := parseFlags([]string{"-hours", "6", "-host", "ops", "-db", "jobs.db"}, io.Discard)
	if err != nil || opts.hours != 6 || opts.db != "jobs.db" || len(opts.dashboard()) != 2 {
		t.Errorf("%+v, %v", opts, err)
	}
}
