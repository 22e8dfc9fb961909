module github.com/gocron-fixed/gocron/dashboard

go 1.22

require github.com/google/uuid v1.6.0

require go.uber.org/goleak v1.3.0
