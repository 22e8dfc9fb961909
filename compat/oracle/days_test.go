package oracle

import (
	"flag"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const defaultSeed = 1

var (
	seedFlag = flag.Int64("seed", defaultSeed, "what the generated crontabs come from")
	longFlag = flag.Bool("long", false, "compare more crontabs, each over 400 years")
)

// The Gregorian calendar begins anew after 400 years.
const (
	firstYear = 1970
	cycle     = 400
)

// written has each form, and what is rare or at an edge.
var written = []string{
	"L * *", "l 2 *", "L-1 * *", "L-30 * *", "L-29,L-3 2 *", "LW * *", "LW 2,12 *", "1W * *", "15W * *", "28W 2 *", "29W 2 *", "30W * *",
	"31W * *", "1W,15w,LW * *", "L,15 * *", "* * 0L", "* * 7L", "* * fril", "* * 5L,1L", "* * 1#1", "* * sun#5", "* * 7#2", "* 2 5#5",
	"* * 0#5,6#1", "13 * 5", "13 * 5#2", "L * 5L", "LW * 1", "15W * 6#3", "29 2 *", "31 * *", "30,31 4,6,9,11 *", "* * 7", "* * 5-7", "* * 1-7/2",
	"* * fri-mon", "28-3 * *", "29-5/3 * *", "1 nov-feb *", "*/2 * 1", "1 * */2", "*,5 * 1", "L,* * 3", "*/1 * 5", "1W * */1", "*/31 * *", "* */12 6#5",
	"29 2 * 2000-2370/4", "1W 1 * */7", "L 2 * 2099,2100,2101", "* 2 6#5 2000-2369",
}

func day(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }

func TestDays(t *testing.T) {
	cmp := newComparison(t)
	for _, days := range written {
		cmp.check(crontabOf(days), day(firstYear), day(firstYear+cycle))
	}
	n, years := 1000, 12
	if *longFlag {
		n, years = 3000, cycle
	}
	w := writer{rand.New(rand.NewSource(*seedFlag))}
	t.Logf("-seed %d", *seedFlag)
	for i := 0; i < n; i++ {
		first := firstYear + i*7%cycle // with 7 every year comes up
		if years == cycle {
			first = firstYear
		}
		cmp.check(w.crontab(first+w.Intn(years)), day(first), day(first+years))
	}
	cmp.report()
}

// A comparison counts what it meets.
type comparison struct {
	*testing.T
	crontabs int
	agreed   map[string]int // of each library: crontabs that it reads the same as they are
	hits     map[string]int // of each row, where it alone explains a difference
}

func newComparison(t *testing.T) *comparison {
	return &comparison{T: t, agreed: map[string]int{}, hits: map[string]int{}}
}

// check compares the days of c. At least one library must name the same days, in c as
// it is or in a crontab that means the same.
func (cmp *comparison) check(c crontab, from, to time.Time) {
	cmp.Helper()
	days, err := ours(c, from, to)
	if err != nil {
		cmp.Fatalf("%s: %v", c, err)
	}
	cmp.crontabs++
	type answer struct {
		end  time.Time
		days []int64
		err  error
	}
	answers := make([]answer, len(libraries))
	var all sync.WaitGroup
	for i, lib := range libraries {
		answers[i].end = to
		if last := day(lib.until); last.Before(to) {
			answers[i].end = last
		}
		all.Go(func() { answers[i].days, answers[i].err = lib.days(c, from, answers[i].end) })
	}
	all.Wait()
	confirmed := false
	for i, a := range answers {
		if from.Before(a.end) {
			n, _ := slices.BinarySearch(days, dayOf(a.end))
			confirmed = cmp.judge(libraries[i], c, from, a.end, days[:n], a.days, a.err) || confirmed
		}
	}
	if !confirmed {
		cmp.Errorf("%s, %d to %d: no library confirms the days %s", c, from.Year(), to.Year(), printed(days))
	}
}

// judge tells whether lib names the days. If it does not, rows of the table must say why.
func (cmp *comparison) judge(lib library, c crontab, from, to time.Time, days, theirs []int64, err error) bool {
	cmp.Helper()
	if err == nil && slices.Equal(theirs, days) {
		cmp.agreed[lib.name]++
		return true
	}
	plain, rows := c, []string(nil)
	said := true
	for _, d := range differences {
		if d.library == lib.name && d.in(c) {
			rows = append(rows, d.key())
			said = said && d.plain != nil
			if said {
				plain = d.plain(plain)
			}
		}
	}
	what := fmt.Sprintf("%s, %d to %d: %s says %s, %v, instead of %s", c, from.Year(), to.Year(), lib.name, printed(theirs), err, printed(days))
	if len(rows) == 0 {
		cmp.Errorf("%s, and no row of the table says why", what)
		return false
	}
	if len(rows) == 1 {
		cmp.hits[rows[0]]++
	}
	if !said {
		return false
	}
	theirs, err = lib.days(plain, from, to)
	if err != nil || !slices.Equal(theirs, days) {
		cmp.Errorf("%s, and of %s %s, %v, in spite of %q", what, plain, printed(theirs), err, rows)
		return false
	}
	return true
}

// report fails for rows that explain nothing.
func (cmp *comparison) report() {
	for _, lib := range libraries {
		cmp.Logf("%5d of %d the same with %s", cmp.agreed[lib.name], cmp.crontabs, lib.name)
	}
	for _, d := range differences {
		cmp.Logf("%5d %s: %s", cmp.hits[d.key()], d.key(), d.reason)
		if cmp.hits[d.key()] == 0 && *seedFlag == defaultSeed {
			cmp.Errorf("no crontab fell in the row %q alone", d.key())
		}
	}
}

// printed are the first days.
func printed(days []int64) string {
	var list []string
	for _, d := range days[:min(len(days), 12)] {
		list = append(list, epoch.AddDate(0, 0, int(d)).Format(time.DateOnly))
	}
	return fmt.Sprintf("%d days: %s", len(days), strings.Join(list, " "))
}
