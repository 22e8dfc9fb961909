package rig

import (
	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

// An Entrance is a way to put a job in the place of another.
type Entrance struct {
	Name string
	Add  func(gocron.Scheduler, uuid.UUID, gocron.JobDefinition, gocron.Task, ...gocron.JobOption) (gocron.Job, error)
}

// Entrances are both ways: NewJob with the id, and Update.
func Entrances() []Entrance {
	return []Entrance{
		{"NewJob", func(s gocron.Scheduler, id uuid.UUID, d gocron.JobDefinition, task gocron.Task, options ...gocron.JobOption) (gocron.Job, error) {
			return s.NewJob(d, task, append([]gocron.JobOption{gocron.WithIdentifier(id)}, options...)...)
		}},
		{"Update", func(s gocron.Scheduler, id uuid.UUID, d gocron.JobDefinition, task gocron.Task, options ...gocron.JobOption) (gocron.Job, error) {
			return s.Update(id, d, task, options...)
		}},
	}
}
