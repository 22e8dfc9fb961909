package oracle

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

var writeFlag = flag.Bool("write", false, "write the table of real crontabs anew")

const realCrontabs = "../../contract/schedules/testdata/crontabs.txt"

// realFrom is the time after which the table tells the next ones.
var realFrom = time.Date(2028, 2, 27, 22, 47, 13, 0, time.UTC)

// The table, which the library's own tests go by, says what these libraries say.
func TestRealCrontabs(t *testing.T) {
	text, err := os.ReadFile(realCrontabs)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for _, row := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		line, _, _ := strings.Cut(row, " | ")
		if !strings.HasPrefix(row, "#") {
			times, saidBy := mostSay(line)
			if times == "" {
				t.Errorf("no library reads %s, or each reads it otherwise", line)
			}
			line += " | " + times + " | " + saidBy
		}
		table.WriteString(line + "\n")
	}
	if *writeFlag {
		if err := os.WriteFile(realCrontabs, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if table.String() != string(text) {
		t.Errorf("the table is not what -write makes of it:\n%s", table.String())
	}
}

// mostSay returns the five times that the greatest number of libraries names, and which.
func mostSay(line string) (times, saidBy string) {
	said := map[string][]string{}
	for _, lib := range libraries {
		if times := fiveTimes(lib, line); times != "" {
			said[times] = append(said[times], lib.name)
		}
	}
	for candidate, by := range said {
		switch best := len(said[times]); {
		case len(by) > best:
			times = candidate
		case len(by) == best:
			return "", ""
		}
	}
	return times, strings.Join(said[times], " ")
}

// fiveTimes returns "" if lib does not read the line, or does not find five times.
func fiveTimes(lib library, line string) string {
	if lib.name == "cronexpr" && fields(line) == 6 {
		line += " *" // else it takes the sixth for the year
	}
	next, err := lib.next(line)
	if err != nil {
		return ""
	}
	times := make([]string, 5)
	at := realFrom
	for i := range times {
		at = next(at)
		times[i] = at.UTC().Format(time.RFC3339)
		if at.IsZero() {
			return ""
		}
	}
	return strings.Join(times, " ")
}
