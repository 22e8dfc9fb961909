module github.com/gocron-fixed/gocron/examples/dashboard

go 1.22

require (
	github.com/gocron-fixed/gocron/dashboard v0.0.0-00010101000000-000000000000
	github.com/gocron-fixed/gocron/metrics/prometheus v0.0.0-00010101000000-000000000000
	github.com/gocron-fixed/gocron/store/sqlite v0.0.0
	github.com/gocron-fixed/gocron/v2 v2.0.0-00010101000000-000000000000
	github.com/jonboulle/clockwork v0.5.0
	github.com/prometheus/client_golang v1.20.5
)

require (
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/dustin/go-humanize v1.0.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/klauspost/compress v1.17.9 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/ncruces/go-strftime v0.1.9 // indirect
	github.com/prometheus/client_model v0.6.1 // indirect
	github.com/prometheus/common v0.55.0 // indirect
	github.com/prometheus/procfs v0.15.1 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	golang.org/x/sys v0.22.0 // indirect
	google.golang.org/protobuf v1.34.2 // indirect
	modernc.org/libc v1.55.3 // indirect
	modernc.org/mathutil v1.6.0 // indirect
	modernc.org/memory v1.8.0 // indirect
	modernc.org/sqlite v1.34.5 // indirect
)

replace (
	github.com/gocron-fixed/gocron/dashboard => ../../dashboard
	github.com/gocron-fixed/gocron/metrics/prometheus => ../../metrics/prometheus
	github.com/gocron-fixed/gocron/store/sqlite => ../../store/sqlite
	github.com/gocron-fixed/gocron/store/storetest => ../../store/storetest
	github.com/gocron-fixed/gocron/v2 => ../..
)
