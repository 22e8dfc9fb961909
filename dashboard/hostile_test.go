package dashboard

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// hostile are texts of users that would be HTML, a script or an address if they were not escaped.
var hostile = []string{
	`<script>pwned()</script>`,
	`"><b id=pwned onclick=pwned()>`,
	`'><b id=pwned>`,
	`</title></textarea></script><b id=pwned>`,
	`javascript:pwned()`,
	"x\" onmouseover=\"pwned()",
	"<!--", "]]><b id=pwned>", "{{.}}", "\u202e\u0000\ufffd<b id=pwned>", "&lt;b&gt;",
}

// hostileFake has a hostile text in everything that a user of the scheduler may give.
func hostileFake(text string) *fake {
	f := newFake()
	f.snap.Scheduler.Location, f.snap.Scheduler.Store, f.snap.Scheduler.State = text, text, text
	f.snap.Scheduler.Outcomes[text] = 1
	f.snap.Scheduler.Pools[1].Name, f.snap.Scheduler.Pools[1].Mode = text, text
	for i := range f.snap.Jobs.Rows {
		j := &f.snap.Jobs.Rows[i]
		j.Name, j.Key, j.Kind, j.Schedule, j.Location, j.Pool, j.State, j.Why, j.RunNowFails = text, text, text, text, text, text, text, text, text
		j.Tags, j.LastOutcome = []string{text}, "failed"
		j.Paused = &pauseFacts{By: text, Note: text, Since: noon}
		j.Outcomes = map[string]uint64{text: 1}
		for k := range j.History {
			j.History[k].Err, j.History[k].Trigger = text, text
		}
		j.LastFailure = &runFacts{Outcome: text, Err: text, ScheduledAt: noon}
	}
	for _, runs := range [][]runFacts{f.snap.Runs.Running.Rows, f.snap.Runs.Waiting.Rows} {
		for i := range runs {
			runs[i].JobName, runs[i].Pool, runs[i].Err, runs[i].Stage, runs[i].WaitsFor = text, text, text, text, "slot"
		}
	}
	f.result.JobName, f.result.Outcome, f.result.Err = text, text, &text
	return f
}

// checkText wants that a page has no element, attribute or address of a hostile text.
func checkText(t *testing.T, where, html string) {
	t.Helper()
	for _, bad := range []string{"<b id=pwned", "<script>", " onmouseover=\"", "onclick=pwned()>", "href=\"javascript:", "<!--\n", "</title></textarea>"} {
		if strings.Contains(html, bad) {
			t.Errorf("%s has %q", where, bad)
		}
	}
}

func TestTextsOfUsersAreText(t *testing.T) {
	for _, text := range hostile {
		f := hostileFake(text)
		access := allow
		h := New[ranRun](f, access, WithTitle(text), WithLogger(quiet))
		paths := []string{"/", "/grid", "/runs", "/scheduler", "/job?id=" + idOf(1), "/job?id=" + idOf(2), "/job?id=" + idOf(3),
			"/confirm?action=pause&id=" + idOf(1), "/confirm?action=pause&" + url.Values{"tag": {text}}.Encode(),
			"/confirm?action=limit&" + url.Values{"pool": {text}}.Encode()}
		for _, key := range []string{"q", "tag", "pool", "kind", "state", "outcome", "sort", "done", "span", "end", "cursor", "page"} {
			if key != "cursor" {
				paths = append(paths, "/?"+url.Values{key: {text}}.Encode(), "/grid?"+url.Values{key: {text}}.Encode())
			}
			paths = append(paths, "/job?id="+idOf(1)+"&"+url.Values{key: {text}}.Encode())
		}
		for _, path := range paths {
			w := serve(h, request("GET", path))
			if w.Code >= 500 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
			checkText(t, path, w.Body.String())
		}
		for _, page := range []string{"", "grid", "runs", "scheduler", "job"} {
			w := serve(h, request("GET", "/live?once=1&page="+page+"&id="+idOf(1)))
			var u update
			if err := json.Unmarshal(w.Body.Bytes(), &u); err != nil || len(u.Set) == 0 {
				t.Fatalf("%s: %v: %s", page, err, w.Body)
			}
			for id, html := range u.Set {
				checkText(t, page+" "+id, html)
			}
		}
		w := serve(h, post(url.Values{"action": {"run"}, "id": {idOf(1)}}))
		checkText(t, "a result", w.Body.String())
		f.refusal = &statusError{0, text}
		w = serve(h, post(url.Values{"action": {"pause"}, "id": {idOf(1)}}))
		checkText(t, "an error", w.Body.String())
		if !strings.Contains(w.Body.String(), "The scheduler says: ") {
			t.Errorf("an error of the scheduler is not told: %s", w.Body)
		}
	}
}

// TestWhoIsText: the name comes from the access function, and so from who knows where.
func TestWhoIsText(t *testing.T) {
	for _, text := range hostile {
		h := New[ranRun](newFake(), textAccess(text), WithLogger(quiet))
		checkText(t, "who", get(t, h, "/"))
	}
}
