package sqlite

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
)

// TestLogCutOff cuts the write-ahead log off after every frame, in its middle, and fills what was
// cut off with other bytes, as a power cut may. The file opens each time, and has what was written
// first: all transactions up to one, and no part of a later one.
func TestLogCutOff(t *testing.T) {
	const header, frame = 32, 24 + 4096
	path := tempFile(t)
	s := open(t, path, with("wal_autocheckpoint = 0"))
	say(t, s.conn, "PRAGMA wal_checkpoint(TRUNCATE)")
	size := func() int {
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return int(info.Size())
	}
	var sizes []int // of the log, after each transaction
	for i := range 45 {
		if i%3 < 2 {
			begin(t, s, occurrence("a", i))
		} else if _, err := s.Write(ctx(t), []Run{occurrence("a", i), occurrence("b", i)}, nil); err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, size())
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if len(log) < 40*frame {
		t.Fatalf("the log has only %d bytes", len(log))
	}
	for cut := header; cut <= len(log); cut += frame {
		for name, tail := range map[string][]byte{"": nil, "half a frame": log[cut:min(cut+frame/2, len(log))], "zeros": make([]byte, len(log)-cut)} {
			t.Run(fmt.Sprint(cut, name), func(t *testing.T) {
				copied := tempFile(t)
				write(t, copied, file)
				write(t, copied+"-wal", append(log[:cut:cut], tail...))
				want := 0
				for i, size := range sizes {
					if size <= cut {
						want += 1 + i%3/2
					}
				}
				s := open(t, copied)
				if got := loaded(t, s); len(got) != want {
					t.Errorf("there are %d rows, want %d", len(got), want)
				}
				begin(t, s, occurrence("c", 1))
			})
		}
	}
}

// TestCopiesOfALiveFile copies the files while others write, at moments when nothing is being
// written, as a snapshot of the disk may. Each copy opens, and has all that was answered before it.
func TestCopiesOfALiveFile(t *testing.T) {
	path := tempFile(t)
	s := open(t, path, with("busy_timeout = 60000"), with("wal_autocheckpoint = 20"))
	other := raw(t, path+"?_pragma=busy_timeout(60000)")
	stop := make(chan struct{})
	var writers sync.WaitGroup
	var asked, answered [4]atomic.Int32
	for i := range asked {
		writers.Add(1)
		go func() {
			defer writers.Done()
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				asked[i].Add(1)
				if begun, err := s.Begin(ctx(t), occurrence(fmt.Sprint("job-", i), n)); err != nil || !begun {
					t.Errorf("Begin: %v, %v", begun, err)
					return
				}
				answered[i].Add(1)
			}
		}()
	}
	for range 20 {
		copied := tempFile(t)
		say(t, other, "BEGIN IMMEDIATE")
		var least, most [4]int
		for i := range least {
			least[i] = int(answered[i].Load())
		}
		copyFiles(t, path, copied)
		for i := range most {
			most[i] = int(asked[i].Load())
		}
		say(t, other, "ROLLBACK")
		copy := open(t, copied)
		for i := range least {
			if n := rowsOf(t, copy, fmt.Sprint("job-", i)); n < least[i] || n > most[i] {
				t.Errorf("job-%d has %d rows, %d were answered and %d asked", i, n, least[i], most[i])
			}
		}
		if err := copy.Close(); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	writers.Wait()
}

// TestFullSync has the option reach SQLite.
func TestFullSync(t *testing.T) {
	for want, options := range map[int][]Option{1: nil, 2: {WithFullSync()}} {
		s := open(t, tempFile(t), options...)
		var got int
		if err := s.conn.QueryRowContext(ctx(t), "PRAGMA synchronous").Scan(&got); err != nil || got != want {
			t.Errorf("synchronous is %d, %v; want %d", got, err, want)
		}
	}
}
