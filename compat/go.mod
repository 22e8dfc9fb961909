module github.com/gocron-fixed/gocron/v2/compat

go 1.22

require (
	github.com/go-co-op/gocron/v2 v2.22.0
	github.com/gocron-fixed/gocron/v2 v2.0.0-00010101000000-000000000000
	github.com/google/uuid v1.6.0
	github.com/jonboulle/clockwork v0.5.0
)

require (
	github.com/go-co-op/gocron v1.37.0
	github.com/reugn/go-quartz v0.15.2
	github.com/robfig/cron/v3 v3.0.1
)

require go.uber.org/atomic v1.9.0 // indirect

replace github.com/gocron-fixed/gocron/v2 => ../
