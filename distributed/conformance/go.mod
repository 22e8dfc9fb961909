module github.com/gocron-fixed/gocron/distributed/conformance

go 1.24

require (
	github.com/gocron-fixed/gocron/v2 v2.0.0-00010101000000-000000000000
	github.com/jonboulle/clockwork v0.5.0
	go.uber.org/goleak v1.3.0
)

require github.com/google/uuid v1.6.0 // indirect

replace github.com/gocron-fixed/gocron/v2 => ../..
