package rig

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/gocron-fixed/gocron/v2"
)

// RunStory is what hooks are told of a run, or of occurrences that were missed.
var RunStory = regexp.MustCompile(`^due( queued)?( started( queued)*)* finished$|^finished$`)

// A RunBook notes what the hooks of a scheduler are told: "due", "queued",
// "started" and "finished".
type RunBook struct {
	mu    sync.Mutex
	notes map[uint64][]runNote // by run
	hook  string
	do    func(gocron.RunInfo)
}

type runNote struct {
	hook string
	info gocron.RunInfo
}

func (b *RunBook) note(hook string) func(gocron.RunInfo) {
	return func(info gocron.RunInfo) {
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

// Hooks are the hooks that fill the book.
func (b *RunBook) Hooks() gocron.Hooks {
	return gocron.Hooks{RunDue: b.note("due"), RunQueued: b.note("queued"), RunStarted: b.note("started"), RunFinished: b.note("finished")}
}

// During has do called in a hook, or with "" in all of them.
func (b *RunBook) During(hook string, do func(gocron.RunInfo)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hook, b.do = hook, do
}

// Told is what a hook was told, in order of runs.
func (b *RunBook) Told(hook string) (infos []gocron.RunInfo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, notes := range b.notes {
		for _, n := range notes {
			if n.hook == hook {
				infos = append(infos, n.info)
			}
		}
	}
	slices.SortFunc(infos, func(x, y gocron.RunInfo) int { return cmp.Compare(x.ID, y.ID) })
	return infos
}

// ToldOf is what a hook was told last of a run.
func (b *RunBook) ToldOf(id uint64, hook string) (info gocron.RunInfo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.notes[id] {
		if n.hook == hook {
			info = n.info
		}
	}
	return info
}

// Story is which hooks were told of a run, in order.
func (b *RunBook) Story(id uint64) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var hooks []string
	for _, n := range b.notes[id] {
		hooks = append(hooks, n.hook)
	}
	return strings.Join(hooks, " ")
}

// Outcomes is how many finished runs have each.
func (b *RunBook) Outcomes() map[gocron.Outcome]uint64 {
	all := map[gocron.Outcome]uint64{}
	for _, info := range b.Told("finished") {
		all[info.Outcome]++
	}
	return all
}

// RunHooks are the hooks as a RunBook calls them.
func RunHooks() []string { return []string{"due", "queued", "started", "finished"} }
