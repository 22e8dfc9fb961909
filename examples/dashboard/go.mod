module github.com/gocron-fixed/gocron/examples/dashboard

go 1.22

require (
	github.com/gocron-fixed/gocron/dashboard v0.0.0-00010101000000-000000000000
	github.com/gocron-fixed/gocron/v2 v2.0.0-00010101000000-000000000000
	github.com/jonboulle/clockwork v0.5.0
)

require github.com/google/uuid v1.6.0 // indirect

replace (
	github.com/gocron-fixed/gocron/dashboard => ../../dashboard
	github.com/gocron-fixed/gocron/v2 => ../..
)
