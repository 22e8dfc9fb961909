package dashboard_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gocron-fixed/gocron/dashboard"
)

// The page is a part of a program's own: everybody of the session's users reads, and those on call
// act. In a program, control is gocron.NewController(s).
func ExampleNew() {
	onCall := map[string]bool{"alice": true}
	access := func(r *http.Request, action string) (who string, err error) {
		who = r.Header.Get("Session-User") // a program asks its sessions
		switch {
		case who == "":
			return "", errors.New("nobody is logged in")
		case action != dashboard.ActionRead && !onCall[who]:
			return who, errors.New("only those on call may")
		}
		return who, nil
	}
	mux := http.NewServeMux()
	mux.Handle("/jobs/", dashboard.New(control, access, dashboard.WithHosts("ops.example.com"), dashboard.WithLogger(quiet)))

	for _, try := range []struct{ host, who, page string }{
		{"ops.example.com", "bob", "/jobs/"},
		{"ops.example.com", "bob", "/jobs/confirm?action=run&id=" + job},
		{"ops.example.com", "alice", "/jobs/confirm?action=run&id=" + job},
		{"ops.example.com", "", "/jobs/"},
		{"evil.example.com", "alice", "/jobs/"},
	} {
		r := httptest.NewRequest("GET", try.page, nil)
		r.Host = try.host
		r.Header.Set("Session-User", try.who)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Printf("%d %s %q\n", w.Code, try.host, try.who)
	}
	// Output:
	// 200 ops.example.com "bob"
	// 403 ops.example.com "bob"
	// 200 ops.example.com "alice"
	// 403 ops.example.com ""
	// 421 evil.example.com "alice"
}
