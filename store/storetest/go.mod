module github.com/gocron-fixed/gocron/store/storetest

go 1.22
