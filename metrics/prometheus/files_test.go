package prom

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The alert rules and the dashboard ask for metrics that there are.
func TestFilesNameMetricsThatThereAre(t *testing.T) {
	c := &fakeController{running: true, elector: true, pools: []map[string]any{{"name": "", "limit": 1}}, jobs: []JobFacts{{
		Name: "a", Next: now, LastStarted: now, LastSuccess: now,
	}}}
	registry := attached(t, c)
	c.ends("a", "succeeded", time.Second)
	all := shown(t, registry, "gocron_")
	asked := regexp.MustCompile(`gocron_[a-z_]+`)
	named := make(map[string]bool)
	for _, file := range []string{"../alerts.yml", "../grafana.json", "../../docs/OBSERVABILITY.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		names := asked.FindAllString(string(text), -1)
		if len(names) < 8 {
			t.Errorf("%s names %d metrics", file, len(names))
		}
		for _, name := range names {
			name = strings.TrimSuffix(name, "_bucket")
			named[name] = true
			if !strings.Contains(all, name+"{") {
				t.Errorf("%s: there is no metric %s", file, name)
			}
		}
	}
	for _, line := range strings.Split(all, "\n") {
		if name, _, _ := strings.Cut(line, "{"); !named[name] {
			t.Errorf("docs/OBSERVABILITY.md does not name %s", name)
		}
	}
}

func TestDashboardIsJSON(t *testing.T) {
	text, err := os.ReadFile("../grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Title  string
		Panels []struct {
			Targets []struct {
				Expr       string
				Datasource struct{ UID string }
			}
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			if target.Expr == "" || target.Datasource.UID != "${datasource}" {
				t.Error(target)
			}
		}
	}
	if len(dashboard.Panels) < 10 {
		t.Error(dashboard.Title)
	}
}
