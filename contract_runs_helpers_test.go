package gocron

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// A runBook notes what the hooks of a scheduler are told: "due", "queued",
// "started" and "finished".
type runBook struct {
	mu    sync.Mutex
	notes map[uint64][]runNote // by run
	hook  string
	do    func(RunInfo)
}

type runNote struct {
	hook string
	info RunInfo
}

func (b *runBook) note(hook string) func(RunInfo) {
	return func(info RunInfo) {
		b.mu.Lock()
		if b.notes == nil {
			b.notes = map[uint64][]runNote{}
		}
		b.notes[info.ID] = append(b.notes[info.ID], runNote{hook, info})
		do := b.do
		if b.hook != "" && b.hook != hook {
			do = nil
		}
		b.mu.Unlock()
		if do != nil {
			do(info)
		}
	}
}

func (b *runBook) hooks() Hooks {
	return Hooks{b.note("due"), b.note("queued"), b.note("started"), b.note("finished")}
}

// during has do called in a hook, or with "" in all of them.
func (b *runBook) during(hook string, do func(RunInfo)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hook, b.do = hook, do
}

// told is what a hook was told, in order of runs.
func (b *runBook) told(hook string) (infos []RunInfo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, notes := range b.notes {
		for _, n := range notes {
			if n.hook == hook {
				infos = append(infos, n.info)
			}
		}
	}
	slices.SortFunc(infos, func(x, y RunInfo) int { return cmp.Compare(x.ID, y.ID) })
	return infos
}

// toldOf is what a hook was told last of a run.
func (b *runBook) toldOf(id uint64, hook string) (info RunInfo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.notes[id] {
		if n.hook == hook {
			info = n.info
		}
	}
	return info
}

// story is which hooks were told of a run, in order.
func (b *runBook) story(id uint64) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var hooks []string
	for _, n := range b.notes[id] {
		hooks = append(hooks, n.hook)
	}
	return strings.Join(hooks, " ")
}

// outcomes is how many finished runs have each.
func (b *runBook) outcomes() map[Outcome]uint64 {
	all := map[Outcome]uint64{}
	for _, info := range b.told("finished") {
		all[info.Outcome]++
	}
	return all
}
