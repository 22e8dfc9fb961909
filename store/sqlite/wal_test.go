package sqlite

import (
	"fmt"
	"os"
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
	for i := range 30 {
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
