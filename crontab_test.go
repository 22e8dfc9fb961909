package gocron

import (
	"errors"
	"fmt"
	"math/rand"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"
)

// theirs reads line as robfig/cron does, whose reading users' crontabs have.
func theirs(line string, withSeconds bool) (crontab, error) {
	options := cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor
	if withSeconds {
		options |= cron.SecondOptional
	}
	if !namesZone(line) {
		line = "TZ=UTC " + line
	}
	parsed, err := cron.NewParser(options).Parse(line)
	if err != nil {
		return crontab{}, err
	}
	switch s := parsed.(type) {
	case cron.ConstantDelaySchedule:
		return crontab{every: s.Delay}, nil
	case *cron.SpecSchedule:
		return crontab{fields: crontabFields{
			second: s.Second, minute: s.Minute, hour: s.Hour, date: s.Dom, month: s.Month, weekday: s.Dow,
		}}, nil
	}
	return crontab{}, errors.New("unknown schedule")
}

// plain returns what theirs knows of c: stars of days alone, and no zone.
func (c crontab) plain() crontab {
	c.zone = nil
	for _, set := range []*uint64{&c.fields.second, &c.fields.minute, &c.fields.hour, &c.fields.month} {
		*set &= everyBit
	}
	return c
}

// requireSameAsTheirs is for what they can read, requireSamePrinted for all.
func requireSameAsTheirs(t *testing.T, line string, withSeconds bool) {
	t.Helper()
	expected, err := theirs(line, withSeconds)
	require.NoError(t, err, line)
	require.Equal(t, expected.plain(), requireSamePrinted(t, line, withSeconds).plain(), line)
}

func requireSamePrinted(t *testing.T, line string, withSeconds bool) *crontab {
	t.Helper()
	ours, err := parseCrontab(line, withSeconds, "job")
	require.NoError(t, err)
	again, err := parseCrontab(ours.String(), true, "")
	require.NoError(t, err, "%s, printed as %s", line, ours)
	require.Equal(t, ours, again, "%s, printed as %s", line, ours)
	return ours
}

func TestCrontab_meansWhatItMeans(t *testing.T) {
	for _, line := range []string{
		"* * * * *", "005 * * * *", "08,09 * * * *", "*/05 * * * *", "0 0 1 jan *", "0 0 1 JAN-Mar Sun", "0 0 * * mOn-fRi",
		"? ? ? ? ?", "?/5 ? ? ? ?", "30/30 * * * *", "5-5/5 * * * *", "* * * * 1-5/6", "\t0  9 * \t* *\n", " 0 9 * * * ",
		"0 0 *,5 * 1", "0 0 5,* * 1", "0 0 */1 * 1", "0 0 1 * */1", "0 0 1 * 0-6", "0 0 1-31 * 1", "0 0 */2 * 1", "0 0 1 * */2",
		"*/60 * * * *", "0 */24 * * *", "0 0 */31 * *", "0 0 1 */12 *", "0 0 * * */7", "0-59/60 * * * *", "1/60 * * * *",
		"0 0 1 feb/3 *", "0 0 * * tue/2", "0 0 1 jan-12 *", "0,0,0 * * * *", "0 22-23,0-2 * * *", "0 0 1 ?/1 ?/1", "0/1 * * * *",
		"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly", " @daily\n", "\t@every 1h30m ",
		"@every 1s", "@every 2500ms", "@every 1h0m0s", "TZ=Asia/Tokyo 0 9 * * *", "CRON_TZ=Asia/Tokyo   0 9 * * *",
		"CRON_TZ=Local 0 9 * * *", "CRON_TZ=UTC @every 1h", "CRON_TZ=UTC @daily", "0000000000000000000000000005 * * * *",
	} {
		requireSameAsTheirs(t, line, false)
		requireSameAsTheirs(t, line, true)
		if !strings.ContainsAny(line, "@=") {
			requireSameAsTheirs(t, "7/11,*/2 "+line, true)
		}
	}
}

// crontabWriter writes fields that are allowed, and some that nobody allows.
type crontabWriter struct{ *rand.Rand }

func (w crontabWriter) number(f *crontabField) string {
	n := f.low + w.Intn(f.high-f.low+1)
	if f.names != "" && w.Intn(3) == 0 {
		i := 3 * (n - f.low)
		return f.names[i : i+3]
	}
	return fmt.Sprintf([]string{"%d", "%02d", "%d"}[w.Intn(3)], n)
}

func (w crontabWriter) part(f *crontabField) string {
	part := w.number(f)
	switch w.Intn(4) {
	case 0:
		part = []string{"*", "?"}[w.Intn(2)]
	case 1:
		part += "-" + w.number(f)
	}
	if w.Intn(3) == 0 {
		part += fmt.Sprintf("/%d", 1+w.Intn(f.high-f.low+1))
	}
	if w.Intn(60) == 0 {
		part += []string{"-1", "/99", "x", ",", "+", "*"}[w.Intn(6)]
	}
	return part
}

func (w crontabWriter) line(withSeconds bool) string {
	line := crontabLine[1:]
	if withSeconds && w.Intn(2) == 0 {
		line = crontabLine[:]
	}
	var fields []string
	for i := range line {
		parts := []string{w.part(&line[i])}
		for w.Intn(3) == 0 {
			parts = append(parts, w.part(&line[i]))
		}
		fields = append(fields, strings.Join(parts, ","))
	}
	return strings.Join(fields, " ")
}

func TestCrontab_againstRobfig(t *testing.T) {
	w := crontabWriter{rand.New(rand.NewSource(9))}
	accepted := 0
	for i := 0; i < 20000; i++ {
		withSeconds := i%2 == 0
		line := w.line(withSeconds)
		if _, err := parseCrontab(line, withSeconds, "job"); err == nil {
			requireSamePrinted(t, line, withSeconds)
			if _, err := theirs(line, withSeconds); err == nil {
				requireSameAsTheirs(t, line, withSeconds)
				accepted++
			}
		}
	}
	require.Greater(t, accepted, 4000)
}

// Whether the times of a repeated hour come twice depends on how it is written.
func TestCrontab_realTime(t *testing.T) {
	for line, expected := range map[string]bool{
		"* 1 * * *": true, "? 1 * * *": true, "*/15 1 * * *": true, "*/60 1 * * *": true, "?/7 1 * * *": true, "@every 1h": true,
		"30 * * * *": true, "30 0-23 * * *": true, "30 */1 * * *": true, "@hourly": true,
		"0-59 1 * * *": false, "*,5 1 * * *": false, "0/15 1 * * *": false, "0 0-22 * * *": false, "@daily": false, "0 */2 * * *": false,
		"CRON_TZ=Asia/Tokyo */15 1 * * *": true,
	} {
		c, err := parseCrontab(line, false, "")
		require.NoError(t, err)
		s := cronSchedule{crontab: *c}
		require.Equal(t, expected, s.keepsRealTime(), line)
	}
	c, err := parseCrontab("* 30 1 * * *", true, "")
	require.NoError(t, err)
	require.False(t, c.fields.realTime(), "the seconds do not count")
}

func TestYearRanges_from(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	for i := 0; i < 300; i++ {
		var list yearRanges
		written := map[int64]bool{}
		for n := r.Intn(4); n >= 0; n-- {
			first := int64(1970 + r.Intn(50))
			x := yearRange{first, first + int64(r.Intn(50)), int64(1 + r.Intn(9))}
			for y := x.first; y <= x.last; y += x.step {
				written[y] = true
			}
			list = append(list, x)
		}
		for year := int64(1960); year < 2080; year++ {
			expected := year
			for expected < 2080 && !written[expected] {
				expected++
			}
			first, ok := list.from(year)
			require.Equal(t, expected < 2080, ok, "%v from %d", list, year)
			if ok {
				require.Equal(t, expected, first, "%v from %d", list, year)
			}
		}
	}
}

func TestYears_areOfTheirKind(t *testing.T) {
	for year := firstCrontabYear; year <= lastYear; year++ {
		first := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
		kind := int64(first.Weekday())
		if first.AddDate(0, 0, 365).Year() == year {
			kind += 7
		}
		require.Equal(t, kind, kindOf(int64(year)), year)
	}
}

// requireMeans compares what two crontabs with seconds stand for.
func requireMeans(t *testing.T, line, plain string) {
	t.Helper()
	ours, err := parseCrontab(line, true, "")
	require.NoError(t, err, line)
	expected, err := parseCrontab(plain, true, "")
	require.NoError(t, err, plain)
	require.Equal(t, expected, ours, "%s is %s", line, ours)
}

func TestCrontab_seven(t *testing.T) {
	for field, plain := range map[string]string{
		"7": "0", "07": "0", "1,7": "0,1", "5-7": "0,5,6", "0-7": "0-6", "1-7/2": "0,1,3,5", "0-7/7": "0", "6-7": "0,6", "mon-7": "0-6",
		"fri-sun": "0,5,6", "sat-1": "0,1,6", "7L": "0L", "SunL": "0L", "7#2": "0#2", "mOn#1": "1#1", "5l": "5L",
	} {
		requireMeans(t, "0 0 * * "+field, "0 0 * * "+plain)
	}
	requireMeans(t, "0 0 1 * */2", "0 0 1 * 0,2,4,6")
	requireMeans(t, "0 0 1 * 1/2", "0 0 1 * 1,3,5")
}

func TestCrontab_wraps(t *testing.T) {
	for line, plain := range map[string]string{
		"50-10/20 * * * * *": "10,50 * * * * *",
		"58-1 * * * *":       "0,1,58,59 * * * *",
		"0 22-2/3 * * *":     "0 1,22 * * *",
		"0 22-2 * * 5":       "0 0,1,2,22,23 * * 5",
		"0 5-4 * * *":        "0 0-23 * * *",
		"0 0 30-2 * *":       "0 0 1,2,30,31 * *",
		"0 0 29-5/3 * *":     "0 0 1,4,29 * *",
		"0 0 1 nov-2 *":      "0 0 1 1,2,11,12 *",
		"0 0 1 12-1 *":       "0 0 1 1,12 *",
		"0 0 * * 5-1/2":      "0 0 * * 5,0",
	} {
		requireMeans(t, line, plain)
	}
}

// hashOf is FNV-1a by the book.
func hashOf(text string) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(text) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

func TestCrontab_hash(t *testing.T) {
	hash := func(word string, n int) int { return int(hashOf("report\x00"+word) % uint64(n)) }
	steps := func(from, to, step int) string {
		var list []string
		for n := from; n <= to; n += step {
			list = append(list, strconv.Itoa(n))
		}
		return strings.Join(list, ",")
	}
	for line, plain := range map[string]string{
		"H H H H H H": fmt.Sprintf("%d %d %d %d %d %d", hash("second", 60), hash("minute", 60), hash("hour", 24),
			1+hash("day", 28), 1+hash("month", 12), hash("weekday", 7)),
		"H/15 * * * *":       steps(hash("minute", 15), 59, 15) + " * * * *",
		"H(10-19) H,5 * * *": fmt.Sprintf("%d %d,5 * * *", 10+hash("minute", 10), hash("hour", 24)),
		"0 H(0-7)/3 * * *":   "0 " + steps(hash("hour", 3), 7, 3) + " * * *",
		"0 0 H/9 * *":        "0 0 " + steps(1+hash("day", 9), 28, 9) + " * *",
		"0 0 H(20-31) * *":   fmt.Sprintf("0 0 %d * *", 20+hash("day", 12)),
		"0 0 * * H(1-7)":     fmt.Sprintf("0 0 * * %d", 1+hash("weekday", 7)),
		"0 0 * * H(mon-fri)": fmt.Sprintf("0 0 * * %d", 1+hash("weekday", 5)),
	} {
		ours, err := parseCrontab(line, true, "report")
		require.NoError(t, err, line)
		expected, err := parseCrontab(plain, true, "")
		require.NoError(t, err, plain)
		require.Equal(t, expected, ours, line)
	}
	// Fixed for ever: jobs must not move when the program is built anew.
	c, err := parseCrontab("H H H H H H", true, "report")
	require.NoError(t, err)
	require.Equal(t, "41 1 11 2 2 5", c.String())
	for _, line := range []string{
		"h * * * *", "H- * * * *", "H(5) * * * *", "H(5-1) * * * *", "H(1-5 * * * *", "H(1-60) * * * *", "H/0 * * * *", "H/61 * * * *",
		"H(1-5)/6 * * * *", "0 0 H/29 * *", "H-5 * * * *", "1-H * * * *", "HH * * * *", "H() * * * *", "0 0 * * H#2", "0 0 HW * *",
	} {
		_, err := parseCrontab(line, true, "report")
		require.Error(t, err, line)
	}
}

// What is accepted prints as something that reads the same, and means what it has
// always meant where that was a crontab, too. What is refused is refused in a short line.
func FuzzCrontabReader(f *testing.F) {
	for _, line := range []string{
		"* * * * *", "*/5 0-3,22 1 jan-mar 0", "@every 1h30m", "@daily", "CRON_TZ=UTC 0 0 * * *", "?/7 ? 1/2 * sun/3", "7 */60 5-5/5 0 0 *",
		"H H(0-7)/2 L,L-3,LW,15W 11-2/2 5L,mon#2,7 ", "0 0 0 29 2 * 2000-2100/4,2400", "50-10/7 22-2/3 28-3 * 5-7",
		"H H H H H H", "H/7 H(10-20)/3 * H(20-31) H(jan-mar) H(1-7) *", "H(5-1) * * * *", "0 0 L-0,32W * 5#6,8L", "* * * * * * 2030-2029",
		"TZ=\n", "TZ=\xff\r x", "@every\n1h", "@\u2028", "1/\x00 * * * *", "CRON_TZ=UTC CRON_TZ=UTC * * * * *",
	} {
		f.Add(line, false, "job")
		f.Add(line, true, "nightly report\n")
		f.Add(line, true, "")
	}
	f.Fuzz(func(t *testing.T, line string, withSeconds bool, jobName string) {
		ours, err := parseCrontab(line, withSeconds, jobName)
		if err != nil {
			require.False(t, strings.ContainsFunc(err.Error(), unicode.IsControl), "%q", err)
			require.True(t, strings.HasPrefix(err.Error(), "crontab "+quoted(line)+": "), err)
			require.Less(t, len(err.Error()), 1500)
			return
		}
		requireSameWords(t, line, withSeconds)
		again, err := parseCrontab(ours.String(), true, "")
		require.NoError(t, err, "printed as %s", ours)
		require.Equal(t, ours, again, "printed as %s", ours)
		if _, err := theirs(line, withSeconds); err == nil {
			requireSameAsTheirs(t, line, withSeconds)
		}
	})
}

// requireSameWords requires that a crontab and what it prints are described alike, in one line.
func requireSameWords(t *testing.T, line string, withSeconds bool) {
	t.Helper()
	c, err := parseCrontab(line, withSeconds, "job")
	require.NoError(t, err)
	again, err := parseCrontab(c.String(), true, "")
	require.NoError(t, err)
	require.Equal(t, c.words(), again.words(), "%q and %q", line, c.String())
	words := Describe(CronJobSchedule{Crontab: line})
	require.NotEmpty(t, words)
	require.NotContains(t, words, "\n")
	require.NotContains(t, words, "crontab", "it can be read")
}
