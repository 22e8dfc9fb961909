package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"
)

// oldRows is how many settled rows a file has that is in use for long.
func oldRows() int {
	if testing.Short() {
		return 10_000
	}
	return 1_000_000
}

// BenchmarkBegin measures what comes before a task in a new file, and in one with a million rows,
// beside a bare INSERT of the same columns into an empty table with the same settings; all three in
// turn, of each the median. "ratio" and "ratio-old" are what is promised: at most 1.5. Behind them
// the ends are written, as a scheduler does.
func BenchmarkBegin(b *testing.B) {
	const jobs = 100
	old := oldRows()
	s, full, bare := open(b, tempFile(b)), open(b, tempFile(b), WithKeep(0, 0)), open(b, tempFile(b))
	fill(b, s, jobs, 0)
	fill(b, full, jobs, old)
	say(b, bare.conn, "CREATE TABLE bare (run, attempt, job, fingerprint, scheduled, zone, trigger, occurrence, node, epoch,"+
		" begun, ended, outcome, error, retry, until, count, extra, PRIMARY KEY (run, attempt)) WITHOUT ROWID")
	insert, err := bare.conn.PrepareContext(ctx(b), "INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		b.Fatal(err)
	}
	var took [3][]time.Duration
	within, version := ctx(b), int64(1)
	var ends []Run
	b.ResetTimer()
	for i := range b.N {
		r := occurrence(fmt.Sprint("job-", i%jobs), old+i)
		for n := range took { // each is the first in turn, as the first finds the processor's caches cold
			which := (i + n) % len(took)
			start := time.Now()
			switch which {
			case 0:
				_, err = s.Begin(within, r)
			case 1:
				_, err = full.Begin(within, r)
			case 2:
				_, err = insert.ExecContext(context.Background(), runValues(&r, int64(i%jobs))...)
			}
			took[which] = append(took[which], time.Since(start))
			if err != nil {
				b.Fatal(err)
			}
		}
		if ends = append(ends, ended(r)); len(ends) == jobs {
			version++
			marks := marks(jobs, old+i, version)
			for _, s := range []*Store{s, full} {
				if refused, err := s.Write(within, ends, marks); err != nil || len(refused) > 0 {
					b.Fatal(refused, err)
				}
			}
			ends = ends[:0]
		}
	}
	var median [3]float64 // in µs
	for i := range took {
		slices.Sort(took[i])
		median[i] = float64(took[i][b.N/2]) / 1e3
	}
	b.ReportMetric(median[0], "µs/begin")
	b.ReportMetric(median[1], "µs/begin-old")
	b.ReportMetric(median[2], "µs/insert")
	b.ReportMetric(median[0]/median[2], "ratio")
	b.ReportMetric(median[1]/median[2], "ratio-old")
	b.ReportMetric(0, "ns/op")
}

// marks are the rows of jobs that have settled what was due so many seconds after noon.
func marks(jobs, second int, version int64) (rows []Job) {
	for job := range jobs {
		rows = append(rows, Job{Job: fmt.Sprint("job-", job), Fingerprint: "f1", Schedule: "every second", FirstSeen: noon,
			Mark: noon.Add(time.Duration(second) * time.Second), Version: version, State: []byte(`{"v":1}`)})
	}
	return rows
}

// fill writes settled rows of jobs.
func fill(b *testing.B, s *Store, jobs, rows int) {
	b.Helper()
	if _, err := s.Write(ctx(b), nil, marks(jobs, rows, 1)); err != nil {
		b.Fatal(err)
	}
	var runs []Run
	for i := range rows {
		runs = append(runs, ended(occurrence(fmt.Sprint("job-", i%jobs), i)))
		if len(runs) == 5000 || i == rows-1 {
			if _, err := s.Write(ctx(b), runs, nil); err != nil {
				b.Fatal(err)
			}
			runs = runs[:0]
		}
	}
}

// BenchmarkBeginTogether has 64 callers begin at once.
func BenchmarkBeginTogether(b *testing.B) {
	s := open(b, tempFile(b))
	b.SetParallelism(32)
	var next = make(chan int, b.N)
	for i := range b.N {
		next <- i
	}
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := <-next
			begin(b, s, occurrence(fmt.Sprint("job-", i%100), i))
		}
	})
}

// BenchmarkEnd writes the ends and the marks of 100 runs in one Write, as the scheduler does behind
// them.
func BenchmarkEnd(b *testing.B) {
	s := open(b, tempFile(b))
	var runs []Run
	var jobs []Job
	for i := range 100 {
		runs = append(runs, occurrence(fmt.Sprint("job-", i), i))
		jobs = append(jobs, Job{Job: fmt.Sprint("job-", i), Version: 1})
	}
	b.ResetTimer()
	for n := range b.N {
		b.StopTimer()
		for i := range runs {
			runs[i] = occurrence(runs[i].Job, n*100+i)
			begin(b, s, runs[i])
			runs[i] = ended(runs[i])
			jobs[i].Version = int64(n) + 1
		}
		b.StartTimer()
		if refused, err := s.Write(ctx(b), runs, jobs); err != nil || len(refused) > 0 {
			b.Fatal(refused, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/100/1e3, "µs/run")
}

// BenchmarkLoad opens a file with 10,000 jobs and loads it, in turn with one that has a million rows,
// too; of both the median.
func BenchmarkLoad(b *testing.B) {
	const jobs = 10_000
	var paths [2]string
	for i, old := range []int{0, oldRows()} {
		paths[i] = tempFile(b)
		s := open(b, paths[i], WithKeep(0, 0))
		fill(b, s, jobs, old)
		for job := range 100 {
			begin(b, s, occurrence(fmt.Sprint("job-", job), old+20_000+job))
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	var took [2][]time.Duration
	b.ResetTimer()
	for range b.N {
		for i, path := range paths {
			start := time.Now()
			s := open(b, path, WithKeep(0, 0))
			got, runs := 0, 0
			err := s.Load(ctx(b), func(Job) error { got++; return nil }, func(Run) error { runs++; return nil })
			took[i] = append(took[i], time.Since(start))
			if err != nil || got != jobs || runs != 100 {
				b.Fatal(got, runs, err)
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
	for i, unit := range []string{"ms/load", "ms/load-old"} {
		slices.Sort(took[i])
		b.ReportMetric(float64(took[i][b.N/2])/1e6, unit)
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkUnclean opens a file with a million rows that was not closed.
func BenchmarkUnclean(b *testing.B) {
	if testing.Short() {
		b.Skip("with -short")
	}
	path := tempFile(b)
	s := open(b, path, WithKeep(0, 0))
	fill(b, s, 100, 1_000_000)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		say(b, db, "UPDATE store SET clean = 0")
		b.StartTimer()
		if err := open(b, path).Close(); err != nil {
			b.Fatal(err)
		}
	}
}
