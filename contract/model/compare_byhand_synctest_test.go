//go:build go1.25

package model_test

import (
	"errors"
	"maps"
	"slices"

	"github.com/gocron-fixed/gocron/v2"
)

// compareByHand compares who has which key, who is paused, and the counts of each job.
func (d *modelDriver) compareByHand() {
	if d.program.setup.byHand {
		for key := 1; key <= modelKeys; key++ {
			d.compareKey(key)
		}
	}
	for label, h := range d.world.handles {
		if j := d.model.find(d.keys[label]); j != nil && j.spec.label == label {
			paused, err := d.world.control.Paused(h.ID())
			d.check(err == nil && paused == j.lineage.paused, "%d: Paused %v, want %v, error %v", label, paused, j.lineage.paused, err)
			d.compareJobStats(j, h)
		}
	}
}

func (d *modelDriver) compareKey(key int) {
	h, err := d.world.control.JobByKey(keyName(key))
	j := d.model.find(modelKeyID(key))
	if j == nil {
		d.check(errors.Is(err, gocron.ErrJobNotFound), "%s: JobByKey error %v, want not found", keyName(key), err)
		return
	}
	want := d.world.handles[j.spec.label]
	d.check(err == nil && h.ID() == keyID(key) && h.Name() == want.Name(), "%s: JobByKey %v, want job of %d, error %v", keyName(key), h, j.spec.label, err)
	named, err := d.world.control.JobsByName(want.Name())
	d.check(err == nil && len(named) == 1 && named[0].ID() == keyID(key), "%d: JobsByName %v, error %v", j.spec.label, named, err)
}

func (d *modelDriver) compareJobStats(j *modelJob, h gocron.Job) {
	got, err := d.world.control.JobStats(h.ID())
	if !d.program.setup.stats {
		d.check(err == gocron.ErrNoJobStats, "%d: JobStats error %v, want none kept", j.spec.label, err)
		return
	}
	t := &j.lineage.tally
	d.check(err == nil && maps.Equal(got.Outcomes, t.outcomes), "%d: JobStats %v, want %v, error %v", j.spec.label, got.Outcomes, t.outcomes, err)
	d.compareLatest(j, "last run", got.LastRun, t.latest())
	d.compareLatest(j, "last success", got.LastSuccess, t.latest(gocron.OutcomeSucceeded))
	d.compareLatest(j, "last failure", got.LastFailure, t.latest(gocron.OutcomeFailed, gocron.OutcomePanicked, gocron.OutcomeTimedOut))
}

func (d *modelDriver) compareLatest(j *modelJob, what string, got gocron.RunInfo, want []string) {
	text := d.world.infoText(got)
	ok := slices.Contains(want, text) || got.ID == 0 && len(want) == 0
	d.check(ok, "%d: %s %s, want %v", j.spec.label, what, text, want)
}
