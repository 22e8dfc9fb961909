module github.com/gocron-fixed/gocron/examples/restart

go 1.24

require (
	github.com/gocron-fixed/gocron/store/sqlite v0.0.0
	github.com/gocron-fixed/gocron/v2 v2.0.0-00010101000000-000000000000
)

require (
	github.com/dustin/go-humanize v1.0.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/jonboulle/clockwork v0.5.0 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/ncruces/go-strftime v0.1.9 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	golang.org/x/sys v0.22.0 // indirect
	modernc.org/libc v1.55.3 // indirect
	modernc.org/mathutil v1.6.0 // indirect
	modernc.org/memory v1.8.0 // indirect
	modernc.org/sqlite v1.34.5 // indirect
)

replace (
	github.com/gocron-fixed/gocron/store/sqlite => ../../store/sqlite
	github.com/gocron-fixed/gocron/store/storetest => ../../store/storetest
	github.com/gocron-fixed/gocron/v2 => ../..
)
