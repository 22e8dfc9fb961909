package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestPages(t *testing.T) {
	h := New[ranRun](newFake(), allow, WithTitle("orders"), WithLogger(quiet))
	for _, tc := range []struct {
		path string
		want []string
	}{
		{"/", []string{"<title>Jobs – orders</title>", "backup", "every day at 03:00", "in 15 h", "Tue 2026-03-03 03:00:00 &#43;00:00", "the disk is full",
			"by alice: deploy", "overdue", "?sort=-name", `aria-sort="ascending"`, "<caption>", "3 jobs", "You are alice", `action=cancel&amp;id=` + idOf(1), "action=resume&amp;id=" + idOf(2)}},
		{"/?tag=nightly", []string{"tagged &#34;nightly&#34;", "Pause all tagged nightly", "confirm?action=resume&amp;tag=nightly", "2 jobs"}},
		{"/?failing=1", []string{"that fail", "checked"}},
		{"/?pool=", []string{"in no pool"}},
		{"/job?id=" + idOf(1), []string{"<h1>backup</h1>", "every day at 03:00", "Next 2 runs", "in 39 h", "failed: the disk is full", "10.0 s", "<svg", "Durations of the last 3 runs"}},
		{"/job?id=" + idOf(2), []string{"by alice", "deploy", "The job is paused: it will not run then."}},
		{"/job?id=" + idOf(3), []string{"waiting for a slot (1 of 1 taken in pool", "Due since", "No run has finished yet."}},
		{"/job?id=" + idOf(1) + "&from=2026-03-02T10:30:00Z&to=2026-03-02T11:30:00Z", []string{"Runs due in this time", "failed: the disk is full"}},
		{"/job?id=" + idOf(1) + "&run=102", []string{`class="marked"`}},
		{"/grid", []string{"Jobs by time", `aria-label="backup, Mon 2026-03-02 11:00:00 &#43;00:00: failed: the disk is full"`, "○", "The job"}[:3]},
		{"/runs", []string{"Pool probes", "1 of 1 slots taken: full", "a slot of pool", "Waiting for", "1 min", "backup"}},
		{"/scheduler", []string{"1,234,567 made", "1,234,000", "560", "the task returned an error", "confirm?action=limit&amp;pool=probes"}},
		{"/confirm?action=pause&tag=nightly", []string{`method="post" action="do"`, `name="note"`, "2 jobs", "<li>mail (paused)</li>", `name="tag" value="nightly"`}},
		{"/confirm?action=run&id=" + idOf(2), []string{"Run now: mail?", "waits up to 30 s"}},
		{"/confirm?action=limit&pool=", []string{"jobs in no pool", `name="pool" value=""`, `value="4"`}},
	} {
		page := get(t, h, tc.path)
		for _, want := range tc.want {
			if !strings.Contains(page, want) {
				t.Errorf("%s lacks %q:\n%s", tc.path, want, page)
			}
		}
	}
}

func TestPagesThatAreNot(t *testing.T) {
	f := newFake()
	h := New[ranRun](f, allow, WithLogger(quiet))
	for path, want := range map[string]int{
		"/nothing": 404, "/templates/jobs.html": 404, "/..%2fdashboard.go": 404, "/assets": 404,
		"/job": 404, "/job?id=nonsense": 404, "/job?id=" + idOf(77): 404,
		"/confirm?action=run&id=" + idOf(77): 404, "/confirm?action=pause&tag=none": 404, "/confirm?action=limit&pool=none": 404,
		"/confirm?action=run&tag=nightly": 400, "/confirm?action=run": 400, "/confirm?action=limit&id=" + idOf(1): 400,
		"/confirm?action=nonsense&id=" + idOf(1): 403, "/confirm?action=pause&id=x": 400,
		"/live?page=nonsense": 404, "/live?page=confirm": 404, "/live?page=job&once=1&id=" + idOf(77): 404,
	} {
		if w := serve(h, request("GET", path)); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	f.err = errors.New("cursor \"x\" is bad")
	if w := serve(h, request("GET", "/?cursor=x")); w.Code != 400 || !strings.Contains(w.Body.String(), "is bad") {
		t.Errorf("a bad cursor: %d %s", w.Code, w.Body)
	}
	if w := serve(h, request("GET", "/")); w.Code != 500 {
		t.Errorf("a scheduler that has no snapshot: %d", w.Code)
	}
}

// TestHeaders: they are on everything, refusals included.
func TestHeaders(t *testing.T) {
	h := New[ranRun](newFake(), allow, WithLogger(quiet))
	check := func(name string, w *httptest.ResponseRecorder) {
		t.Helper()
		for header, want := range map[string]string{
			"Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
			"X-Content-Type-Options":  "nosniff", "Cache-Control": "no-store", "X-Frame-Options": "DENY",
		} {
			if got := w.Header().Get(header); got != want {
				t.Errorf("%s: %s: %q, want %q", name, header, got, want)
			}
		}
		referrer := "no-referrer"
		if strings.Contains(name, "/confirm") && w.Code == 200 {
			referrer = "same-origin"
		}
		if got := w.Header().Get("Referrer-Policy"); got != referrer {
			t.Errorf("%s: Referrer-Policy: %q, want %q", name, got, referrer)
		}
		for header := range w.Header() {
			if strings.HasPrefix(header, "Access-Control-") {
				t.Errorf("%s: %s", name, header)
			}
		}
	}
	for _, path := range append(everyPage(), "/style.css", "/page.js", "/icon.svg", "/nothing", "/live?page=&once=1", "/job?id=x") {
		check(path, serve(h, request("GET", path)))
	}
	check("an action", serve(h, post(url.Values{"action": {"pause"}, "id": {idOf(1)}})))
	check("a bad action", serve(h, post(url.Values{})))
	check("a foreign origin", serve(h, withHeaders(request("OPTIONS", "/do"), "Origin", "https://evil.example", "Access-Control-Request-Method", "POST")))
	foreign := request("GET", "/")
	foreign.Host = "evil.example"
	check("a foreign host", serve(h, foreign))
}

// links are the addresses in a page, and inline what its policy does not let a browser run.
var (
	links  = regexp.MustCompile(`(?:href|src|action|data-live)="([^"]*)"`)
	inline = regexp.MustCompile(`<style|\sstyle=|\son[a-z]+=|<script(?: |>)[^>]*>[^<]|<base`)
)

// TestAnyPrefix: no link may need to know where the page is.
func TestAnyPrefix(t *testing.T) {
	page := New[ranRun](newFake(), allow, WithLogger(quiet))
	mux := http.NewServeMux()
	mux.Handle("/", page)
	mux.Handle("/ops/jobs/", page)
	mux.Handle("/stripped/", http.StripPrefix("/stripped/", page))
	mux.Handle("/half/", http.StripPrefix("/half", page))
	for _, prefix := range []string{"", "/ops/jobs", "/stripped", "/half"} {
		for _, path := range everyPage() {
			html := get(t, mux, prefix+path)
			for _, link := range links.FindAllStringSubmatch(html, -1) {
				address := strings.ReplaceAll(link[1], "&amp;", "&")
				to, err := url.Parse(address)
				if err != nil || to.IsAbs() || to.Host != "" || strings.HasPrefix(to.Path, "/") || strings.Contains(to.Path, "..") {
					t.Fatalf("%s%s: a link that is not relative: %q", prefix, path, address)
				}
				if prefix == "" || to.Path == "do" || to.Path == "live" || strings.HasPrefix(address, "#") {
					continue
				}
				base, _ := url.Parse(prefix + path)
				get(t, mux, base.ResolveReference(to).RequestURI())
			}
		}
	}
}

// TestFolder: without its final slash a folder leads to the one with it.
func TestFolder(t *testing.T) {
	page := New[ranRun](newFake(), allow, WithLogger(quiet))
	w := serve(http.StripPrefix("/a/jobs", page), request("GET", "/a/jobs?x=1"))
	if w.Code != http.StatusFound || w.Header().Get("Location") != "./jobs/" {
		t.Errorf("%d %q", w.Code, w.Header().Get("Location"))
	}
}

func TestNothingInline(t *testing.T) {
	h := New[ranRun](newFake(), allow, WithLogger(quiet))
	for _, path := range everyPage() {
		if found := inline.FindString(get(t, h, path)); found != "" {
			t.Errorf("%s has %q, which the policy forbids", path, found)
		}
	}
}

func TestAssetsAreSmall(t *testing.T) {
	total := 0
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			text, _ := files.ReadFile(path)
			total += len(text)
			for _, elsewhere := range []string{"http://", "https://", "//cdn"} {
				if strings.Contains(strings.ReplaceAll(string(text), "http://www.w3.org/2000/svg", ""), elsewhere) {
					t.Errorf("%s loads from elsewhere: %s", path, elsewhere)
				}
			}
		}
		return err
	})
	if err != nil || total > 80<<10 {
		t.Errorf("%d bytes, %v", total, err)
	}
}

// TestManyJobs: a page costs its rows, however many jobs there are.
func TestManyJobs(t *testing.T) {
	f := newFake()
	one := f.snap.Jobs.Rows[0]
	f.snap.Jobs.Rows = nil
	for i := range 100_000 {
		job := one
		job.ID, job.Name = idOf(i), fmt.Sprintf("job %06d", i)
		f.snap.Jobs.Rows = append(f.snap.Jobs.Rows, job)
	}
	h := New[ranRun](f, allow, WithLogger(quiet))
	for path, most := range map[string]int{"/": 200 << 10, "/?cursor=99950": 200 << 10, "/grid": 400 << 10, "/job?id=" + idOf(5): 50 << 10} {
		f.asked = nil
		page := get(t, h, path)
		if len(page) > most {
			t.Errorf("%s has %d bytes", path, len(page))
		}
		for _, asked := range f.asked {
			if asked.limit > jobsPerPage || len(f.asked) > 2 {
				t.Errorf("%s asks for %d jobs, in %d questions", path, asked.limit, len(f.asked))
			}
		}
	}
	page := get(t, h, "/")
	if !strings.Contains(page, "50 of 100,000 jobs") {
		t.Error("the page does not say how many there are")
	}
	next := regexp.MustCompile(`href="(\?[^"]*)" rel="next"`).FindStringSubmatch(page)
	if next == nil {
		t.Fatal("no next page")
	}
	page = get(t, h, "/"+strings.ReplaceAll(next[1], "&amp;", "&"))
	if !strings.Contains(page, "job 000050") || strings.Contains(page, "job 000049") || !strings.Contains(page, "First page") {
		t.Error("the next page is not the next")
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "now", 999 * time.Millisecond: "now", -time.Second: "1 s ago", 59 * time.Second: "in 59 s", time.Minute: "in 1 min",
		-59*time.Minute - 59*time.Second: "59 min ago", time.Hour: "in 1 h", 25*time.Hour + time.Minute: "in 25 h 1 min", 48 * time.Hour: "in 2 days", -1000 * time.Hour: "41 days ago",
	} {
		if got := (moment{noon.Add(d), noon}).Words(); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{-1: "0 s", 12 * time.Microsecond: "12 µs", 340 * time.Millisecond: "340 ms", 1500 * time.Millisecond: "1.50 s", 42 * time.Second: "42.0 s", 100 * time.Second: "1m40s"} {
		if got := duration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", 100: "100"} {
		if got := number(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestLooksAreDistinct(t *testing.T) {
	marks := map[string]string{}
	for _, l := range looks {
		if l.Mark == "" || l.Class == "" || l.Means == "" || marks[l.Mark] != "" {
			t.Errorf("%+v: its mark is also that of %q", l, marks[l.Mark])
		}
		marks[l.Mark] = l.Word
	}
}

// TestWriterWithoutDeadlines: behind a middleware that hides them a stream is one event, and the
// browser comes again after a while.
func TestWriterWithoutDeadlines(t *testing.T) {
	h := New[ranRun](newFake(), allow, WithLogger(quiet))
	w := serve(h, request("GET", "/live?page="))
	if body := w.Body.String(); w.Code != 200 || !strings.HasPrefix(body, "retry: 10000\ndata: {") || strings.Count(body, "\ndata: ") != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := serve(h, request("HEAD", "/live?page=")); w.Code != 200 || w.Body.Len() > 0 {
		t.Errorf("HEAD: %d %s", w.Code, w.Body)
	}
}

// TestWithoutHistory: what is not kept is not said to be nothing.
func TestWithoutHistory(t *testing.T) {
	f := newFake()
	f.snap.Scheduler.History, f.snap.Scheduler.JobStats = 0, false
	for i := range f.snap.Jobs.Rows {
		f.snap.Jobs.Rows[i].History, f.snap.Jobs.Rows[i].LastOutcome = nil, ""
	}
	h := New[ranRun](f, allow, WithLogger(quiet))
	if page := get(t, h, "/"); !strings.Contains(page, "not kept") || strings.Contains(page, "none yet") {
		t.Errorf("jobs: %s", page)
	}
	for path, want := range map[string]string{"/grid": "The scheduler keeps no history", "/job?id=" + idOf(1): "The scheduler keeps no history", "/scheduler": "none is kept"} {
		if page := get(t, h, path); !strings.Contains(page, want) {
			t.Errorf("%s: %s", path, page)
		}
	}
}

// TestRunsAreInTheirPools: which pool is in the way is what the page is for.
func TestRunsAreInTheirPools(t *testing.T) {
	page := get(t, New[ranRun](newFake(), allow, WithLogger(quiet)), "/runs")
	own, probes, found := strings.Cut(page, `id="pool-1"`)
	if !found || !strings.Contains(own, "backup</a>") || strings.Contains(own, "probe</a>") || !strings.Contains(probes, "probe</a>") {
		t.Errorf("%s", page)
	}
}

// TestUnlistedRuns: the page does not pass over what it cannot name.
func TestUnlistedRuns(t *testing.T) {
	f := newFake()
	f.snap.Runs.Running.Count = 1234
	if page := get(t, New[ranRun](f, allow, WithLogger(quiet)), "/runs"); !strings.Contains(page, "1,233 runs in progress are not listed") {
		t.Errorf("%s", page)
	}
	for range runsListed {
		f.snap.Runs.Waiting.Rows = append(f.snap.Runs.Waiting.Rows, f.snap.Runs.Waiting.Rows[0])
	}
	f.snap.Runs.Waiting.Count = 2000
	if page := get(t, New[ranRun](f, allow, WithLogger(quiet)), "/runs"); !strings.Contains(page, "1,799 more runs are not listed") {
		t.Errorf("%s", page)
	}
}

// TestTimeAloneChangesNothing: a stream is silent while time passes, and nothing else happens.
func TestTimeAloneChangesNothing(t *testing.T) {
	f := newFake()
	d := New[ranRun](f, allow, WithLogger(quiet)).(*dashboard)
	for _, v := range views {
		if v.every == 0 {
			continue
		}
		look := func() *rendered {
			c, err := v.build(d, context.Background(), &visit{query: url.Values{"id": {idOf(1)}}, live: true})
			if err != nil {
				t.Fatal(err)
			}
			all, err := render(c)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		f.snap.At, f.snap.Scheduler.Oldest, f.snap.Scheduler.Pools[1].Oldest = noon, 75.1, 75.1
		before := look()
		f.snap.At, f.snap.Scheduler.Oldest, f.snap.Scheduler.Pools[1].Oldest = noon.Add(7*time.Second+3*time.Millisecond), 82.101, 82.101
		if change := look().since(before); change != nil {
			t.Errorf("%q: %s", v.name, change)
		}
	}
}
