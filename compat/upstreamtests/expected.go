package main

// afterTheGap is why three cases fail: gocron's tests ask for a time before the gap.
const afterTheGap = "by default a wall time that does not exist runs after the gap; gocron's runs an hour before it"

// expected are the cases that fail because this package means to differ.
var expected = map[string]string{
	"TestDaylightSavingsTimePolicy_DailyJob/default_-_spring_forward_runs_at_normalized_time":   afterTheGap,
	"TestDaylightSavingsTimePolicy_WeeklyJob/default_-_spring_forward_runs_at_normalized_time":  afterTheGap,
	"TestDaylightSavingsTimePolicy_MonthlyJob/default_-_spring_forward_runs_at_normalized_time": afterTheGap,
}
