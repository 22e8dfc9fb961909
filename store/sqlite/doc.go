// Package sqlite keeps what a gocron scheduler knows of its jobs and their runs in one file, so
// that it outlives the process. It is pure Go, and imports nothing of the root module:
//
//	store, err := sqlite.Open(ctx, "jobs.db")
//	s, err := gocron.NewScheduler(gocron.WithStore(store))
//	…
//	err = s.Shutdown()
//	err = store.Close()
//
// The file is an SQLite database in WAL mode: beside jobs.db there are jobs.db-wal and jobs.db-shm
// while the program runs, and jobs.db.lock, which keeps a second program out. Other programs may
// read it at any time. The views jobs, runs and uses are made for people:
//
//	sqlite3 jobs.db 'select outcome, count(*) from runs group by 1'
//
// What is written survives the death of the process. It also survives a power cut with
// WithFullSync; without it the rows of the last moments before the cut may be lost.
package sqlite
