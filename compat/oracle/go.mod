module github.com/gocron-fixed/gocron/v2/compat/oracle

go 1.25

require (
	github.com/adhocore/gronx v1.20.4
	github.com/gocron-fixed/gocron/v2 v2.0.0-00010101000000-000000000000
	github.com/hashicorp/cronexpr v1.1.3
	github.com/netresearch/go-cron v0.15.0
)

require (
	github.com/google/uuid v1.6.0 // indirect
	github.com/jonboulle/clockwork v0.5.0 // indirect
)

replace github.com/gocron-fixed/gocron/v2 => ../../
