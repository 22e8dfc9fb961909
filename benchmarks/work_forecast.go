package main

import "time"

var forecastWorkloads = []workload{
	{name: "forecast daily", needs: hasCalendar, run: func(b *bench) { forecast(b, "daily") }},
	{name: "forecast weekly", needs: hasCalendar, run: func(b *bench) { forecast(b, "weekly") }},
	{name: "forecast monthly", needs: hasCalendar, run: func(b *bench) { forecast(b, "monthly") }},
	{name: "forecast cron", needs: hasTimetable, run: func(b *bench) { forecast(b, "30 6,18 * * 1-5") }},
}

// forecast measures asking for the next hundred times of a job.
func forecast(b *bench, calendar string) {
	const ahead = 100
	e := b.engine(config{})
	j := mustAdd(e, spec{calendar: calendar, task: func() {}})
	e.Start()
	for e.Next(j).IsZero() {
		time.Sleep(time.Millisecond)
	}
	if got := e.Forecast(j, ahead); got != ahead {
		panic("not as many times as asked for")
	}
	n := b.n(5000)
	took := timed(func() {
		for range n {
			e.Forecast(j, ahead)
		}
	})
	b.setPer("time", took, n)
}
