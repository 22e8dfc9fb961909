package gocron

import (
	"log/slog"
	"os"
	"time"
)

// Any handler for log/slog will do: that of the program, of zap, of logrus.
func ExampleLogger() {
	handler := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelWarn,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "id" {
				return slog.Attr{}
			}
			return a
		},
	})
	s, _ := NewScheduler(WithLogger(slog.New(handler)))
	defer s.Shutdown()
	times := OneTimeJobStartDateTimes(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	s.NewJob(OneTimeJob(times), NewTask(func() {}), WithName("report"))
	// Output: {"level":"WARN","msg":"gocron: times of a one-time job are past and left out","job":"report","left out":1}
}
