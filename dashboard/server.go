package dashboard

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

//go:embed templates assets
var files embed.FS

var templates = template.Must(template.New("").Funcs(templateFuncs).ParseFS(files, "templates/*.html"))

// mostAddress is how long the address of a request may be.
const mostAddress = 16 << 10

// A view is one page. All pages are in one folder, and every link is relative to it, so that
// nobody has to know under which path the program, or a proxy before it, has put them.
type view struct {
	name  string // the last part of the path
	title string // of its link at the head; "" for none
	build func(*dashboard, context.Context, *visit) (*content, error)
	every time.Duration // the shortest time between two changes that a stream sends; 0: no stream
}

var views = []view{
	{"", "Jobs", (*dashboard).jobsPage, time.Second},
	{"grid", "Grid", (*dashboard).gridPage, 5 * time.Second},
	{"runs", "Runs", (*dashboard).runsPage, time.Second},
	{"scheduler", "Scheduler", (*dashboard).schedulerPage, time.Second},
	{"job", "", (*dashboard).jobPage, time.Second},
	{"confirm", "", (*dashboard).confirmPage, 0},
}

func viewOf(name string) (view, bool) {
	for _, v := range views {
		if v.name == name {
			return v, true
		}
	}
	return view{}, false
}

// visit is what a page is made for.
type visit struct {
	query url.Values
	may   permissions
	live  bool // without words that time alone changes
}

func (v *visit) get(key string) string { return v.query.Get(key) }

// now is the time that words on the page are against.
func (v *visit) now(s *snapshot) time.Time {
	if v.live {
		return time.Time{}
	}
	return s.At
}

// content is what a page shows: what stays, and the parts that a stream replaces.
type content struct {
	title    string
	template string
	data     any
	now      time.Time // of the scheduler
	lists    []string  // also those that are empty
	parts    []part
}

// part is one element, whose id it has. With a list it is one of the children of the element that
// has the list's name as its id.
type part struct {
	list, id string
	template string
	data     any
}

func (c *content) add(id, template string, data any) {
	c.parts = append(c.parts, part{id: id, template: template, data: data})
}

func (c *content) addTo(list, id, template string, data any) {
	c.parts = append(c.parts, part{list, id, template, data})
}

func (p part) html() (template.HTML, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, p.template, p.data); err != nil {
		return "", err
	}
	return template.HTML(strings.TrimSpace(b.String())), nil // made by html/template, which has escaped it
}

// page is what the templates of whole pages get.
type page struct {
	Site, Title, Who string
	Here             string // the name of the view
	Live             string // the address of the stream, "" for none
	Done             string // what was done just now
	Data             any
	Now              int64 // the scheduler's time in milliseconds
	content          *content
}

func (p page) Views() []view      { return views }
func (v view) Name() string       { return v.name }
func (v view) Title() string      { return v.title }
func (v view) Link() string       { return "./" + v.name }
func (p page) NowTime() time.Time { return p.content.now }

// Part is one part's HTML, List that of all in a list.
func (p page) Part(id string) (template.HTML, error) {
	for _, part := range p.content.parts {
		if part.list == "" && part.id == id {
			return part.html()
		}
	}
	return "", fmt.Errorf("dashboard: no part %q", id)
}

func (p page) List(name string) (all template.HTML, err error) {
	var b strings.Builder
	for _, part := range p.content.parts {
		if part.list == name {
			html, err := part.html()
			if err != nil {
				return "", err
			}
			b.WriteString(string(html))
			b.WriteByte('\n')
		}
	}
	return template.HTML(b.String()), nil
}

// statusError is an error that a page tells, under a status.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

func failure(status int, format string, args ...any) error {
	return &statusError{status, fmt.Sprintf(format, args...)}
}

// ServeHTTP serves one request. The order of the checks is that of what they cost.
func (d *dashboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.live.noteServer(r)
	setHeaders(w.Header())
	if !d.hosts.allows(r.Host) {
		d.refuse(w, r, http.StatusMisdirectedRequest, errHost)
		return
	}
	if err := checkOrigin(r); err != nil {
		d.refuse(w, r, http.StatusForbidden, err)
		return
	}
	if len(r.RequestURI) > mostAddress { // a page has its address in many links
		d.refuse(w, r, http.StatusRequestURITooLong, errLong)
		return
	}
	name := path.Base("/" + r.URL.Path)
	if strings.HasSuffix(r.URL.Path, "/") || name == "/" {
		name = ""
	}
	switch {
	case name == "do":
		d.serveAction(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		d.showError(w, r, "", failure(http.StatusMethodNotAllowed, "This page can only be read."))
	case r.URL.Path == "" && !strings.HasSuffix(askedPath(r), "/"):
		redirectToFolder(w, r)
	default:
		d.serveRead(w, r, name)
	}
}

// askedPath is the path that the program was asked for, before a prefix was cut off.
func askedPath(r *http.Request) string {
	before, _, _ := strings.Cut(r.RequestURI, "?")
	return before
}

// redirectToFolder leads from /jobs to /jobs/, for a handler behind http.StripPrefix.
func redirectToFolder(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Location", "./"+url.PathEscape(path.Base(askedPath(r)))+"/")
	w.WriteHeader(http.StatusFound)
}

// serveRead serves all that changes nothing.
func (d *dashboard) serveRead(w http.ResponseWriter, r *http.Request, name string) {
	who, err := d.ask(r, ActionRead)
	if err != nil {
		d.showError(w, r, "", failure(http.StatusForbidden, "Refused: %v.", err))
		return
	}
	if name == "live" {
		d.live.serve(w, r, who)
		return
	}
	v, found := viewOf(name)
	if !found {
		d.serveAsset(w, r, name, who)
		return
	}
	visit := &visit{query: r.URL.Query(), may: d.offered(r)}
	if v.name == "confirm" && !visit.may.May(visit.get("action")) {
		d.showError(w, r, who, failure(http.StatusForbidden, "Refused: %v.", errNo))
		return
	}
	c, err := v.build(d, r.Context(), visit)
	if err != nil {
		d.showError(w, r, who, err)
		return
	}
	if v.name == "confirm" {
		// With no-referrer a browser says "Origin: null" for the form, and nothing else over plain HTTP.
		w.Header().Set("Referrer-Policy", "same-origin")
	}
	p := page{Here: v.name, Who: who, Done: done[visit.get("done")]}
	if v.every > 0 {
		p.Live = liveAddress(v, visit.query)
	}
	d.show(w, r, http.StatusOK, p, c)
}

func (d *dashboard) serveAsset(w http.ResponseWriter, r *http.Request, name, who string) {
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	text, err := files.ReadFile("assets/" + name)
	if err != nil {
		d.showError(w, r, who, failure(http.StatusNotFound, "There is no such page."))
		return
	}
	w.Header().Set("Content-Type", types[path.Ext(name)])
	_, _ = w.Write(text) // an error is the browser's having gone away
}

// show writes a page, or an error if it cannot be made.
func (d *dashboard) show(w http.ResponseWriter, r *http.Request, status int, p page, c *content) {
	p.Site, p.Title, p.Data, p.content = d.title, c.title, c.data, c
	if !c.now.IsZero() {
		p.Now = c.now.UnixMilli()
	}
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, c.template, p); err != nil {
		d.log().ErrorContext(r.Context(), "dashboard: a page cannot be made", "page", p.Here, "err", err)
		http.Error(w, "The page cannot be made; the program's log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // an error is the browser's having gone away
}

// showError shows an error as a page. Of one that is not a statusError the scheduler is the cause.
func (d *dashboard) showError(w http.ResponseWriter, r *http.Request, who string, err error) {
	var known *statusError
	if !errors.As(err, &known) {
		if r.Context().Err() != nil {
			return // nobody is there any more
		}
		known = &statusError{http.StatusInternalServerError, "The scheduler says: " + err.Error()}
	}
	d.show(w, r, known.status, page{Who: who, Here: "error"},
		&content{title: http.StatusText(known.status), template: "error", data: known.text})
}

// refuse answers a request of which nothing is believed, not even who asks.
func (d *dashboard) refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	d.refused(r, "", "", err)
	http.Error(w, "Refused: "+err.Error()+".", status)
}
