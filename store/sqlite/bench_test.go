package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/store/storetest"
)

// BenchmarkBegin measures what comes before a task beside a bare INSERT of the same columns on the
// same connection settings, in turn; of both the median. "ratio" is what is promised: at most 1.5.
func BenchmarkBegin(b *testing.B) {
	for _, old := range []int{0, 1_000_000} {
		b.Run(fmt.Sprint("old=", old), func(b *testing.B) {
			if old > 0 && testing.Short() {
				b.Skip("with -short")
			}
			benchmarkBegin(b, old)
		})
	}
}

func benchmarkBegin(b *testing.B, old int) {
	s := open(b, tempFile(b), WithKeep(0, 0))
	fill(b, s, 100, old)
	bare := open(b, tempFile(b))
	say(b, bare.conn, "CREATE TABLE bare (run, attempt, job, fingerprint, scheduled, zone, trigger, occurrence, node, epoch,"+
		" begun, ended, outcome, error, retry, until, count, extra, PRIMARY KEY (run, attempt)) WITHOUT ROWID")
	say(b, bare.conn, "ATTACH '"+s.path+"' AS ours")
	say(b, bare.conn, "INSERT INTO bare SELECT * FROM ours.run_rows ORDER BY run, attempt")
	say(b, bare.conn, "DETACH ours")
	insert, err := bare.conn.PrepareContext(ctx(b), "INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		b.Fatal(err)
	}
	within := ctx(b)
	var ours, theirs []time.Duration
	b.ResetTimer()
	for i := range b.N {
		r := occurrence(fmt.Sprint("job-", i%100), old+i)
		start := time.Now()
		begun, err := s.Begin(within, r)
		ours = append(ours, time.Since(start))
		if err != nil || !begun {
			b.Fatal(begun, err)
		}
		values := runValues(&r, int64(i%100))
		start = time.Now()
		_, err = insert.ExecContext(context.Background(), values...)
		theirs = append(theirs, time.Since(start))
		if err != nil {
			b.Fatal(err)
		}
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	mine, other := float64(ours[b.N/2]), float64(theirs[b.N/2])
	b.ReportMetric(mine/1e3, "µs/begin")
	b.ReportMetric(other/1e3, "µs/insert")
	b.ReportMetric(mine/other, "ratio")
	b.ReportMetric(0, "ns/op")
}

// fill writes settled rows of jobs.
func fill(b *testing.B, s *Store, jobs, rows int) {
	b.Helper()
	var marks []Job
	for job := range jobs {
		marks = append(marks, Job{Job: fmt.Sprint("job-", job), Fingerprint: "f1", Schedule: "every second", FirstSeen: noon,
			Mark: noon.Add(time.Duration(rows) * time.Second), Version: 1, State: []byte(`{"v":1}`)})
	}
	if _, err := s.Write(ctx(b), nil, marks); err != nil {
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

// BenchmarkLoad opens a file with 10,000 jobs and loads it.
func BenchmarkLoad(b *testing.B) {
	for _, old := range []int{0, 1_000_000} {
		b.Run(fmt.Sprint("old=", old), func(b *testing.B) {
			if old > 0 && testing.Short() {
				b.Skip("with -short")
			}
			path := tempFile(b)
			s := open(b, path, WithKeep(0, 0))
			fill(b, s, 10_000, old)
			for i := range 100 {
				begin(b, s, occurrence(fmt.Sprint("job-", i), old+20_000+i))
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			for range b.N {
				s := open(b, path)
				jobs, runs := 0, 0
				err := s.Load(ctx(b), func(storetest.Job) error { jobs++; return nil }, func(storetest.Row) error { runs++; return nil })
				if err != nil || jobs != 10_000 || runs != 100 {
					b.Fatal(jobs, runs, err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
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
