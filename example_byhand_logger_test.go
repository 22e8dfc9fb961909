package gocron

import (
	"log/slog"
	"os"
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
	s.NewJob(ManualJob(), NewTask(func() {}), WithName("report"), WithIntervalFromCompletion())
	// Output: {"level":"WARN","msg":"gocron: job option without effect","job":"report","reason":"WithIntervalFromCompletion: this kind of job ignores it, it is for DurationJob and DurationRandomJob"}
}
