package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// A machine is what the results depend on in addition to the code.
type machine struct {
	cpu, system, golang string
	cores               int
	versions            []string // of the implementations
}

func thisMachine() machine {
	return machine{
		cpu:      cpuModel(),
		system:   runtime.GOOS + "/" + runtime.GOARCH,
		golang:   runtime.Version(),
		cores:    runtime.NumCPU(),
		versions: versions(),
	}
}

func cpuModel() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for _, line := range strings.Split(string(info), "\n") {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

func versions() []string {
	var list []string
	info, _ := debug.ReadBuildInfo()
	for _, impl := range implementations {
		if impl.name == ours {
			list = append(list, "ours at "+commit())
		} else if v := versionOf(info, impl.module); v != "" {
			list = append(list, fmt.Sprintf("%s (`%s`) %s", impl.module, impl.name, v))
		}
	}
	return list
}

func versionOf(info *debug.BuildInfo, module string) string {
	if info == nil {
		return ""
	}
	for _, dep := range info.Deps {
		if dep.Path == module {
			return dep.Version
		}
	}
	return ""
}

// commit is the commit that is checked out, marked if it was changed since.
func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty", "--tags").Output()
	if err != nil {
		return "an unknown commit"
	}
	return strings.TrimSpace(string(out))
}

// page is docs/BENCHMARKS.md.
func (r *report) page() string {
	m := r.machine
	var s strings.Builder
	fmt.Fprintf(&s, "# Benchmarks\n\n<!-- Written by `go run . -write` in benchmarks/. -->\n")
	s.WriteString(about)
	s.WriteString(r.brief())
	fmt.Fprintf(&s, "\n## How it was measured\n\n%s, %d cores, %s, %s, %s. Rounds: %d, in %s.\n\n", m.cpu, m.cores, m.system, m.golang,
		time.Now().UTC().Format("2006-01-02"), r.options.rounds, r.took.Round(time.Second))
	for _, v := range m.versions {
		fmt.Fprintf(&s, "- %s\n", v)
	}
	if r.options.quick {
		s.WriteString("\nThis is a quick run: a tenth of the jobs and calls that the labels name, one round.\n")
	}
	if with := r.options.engine.String(); with != "" {
		fmt.Fprintf(&s, "\nMade with `-with '%s'`: columns of other schedulers are empty because they were not measured.\n", with)
	}
	s.WriteString(explanation)
	s.WriteString(r.table())
	s.WriteString(missed)
	s.WriteString(faultsExplanation)
	s.WriteString(r.othersFaults())
	s.WriteString(howToRun)
	return s.String()
}

const about = `
This package and gocron v2 on one machine. Less is better, except for runs a second. [All rows](#all-rows) are below, with three more
schedulers, and so is [what was missed](#what-was-missed-and-why).
`

const explanation = `
![Main ratios](benchmarks.svg)

## All rows

Less is better in all rows but the highest rate and the ones that count due runs made. A ratio is our value over the other's. Values are
medians over the rounds; in a round every measurement is made in a process of its own, one scheduler after the other. "gocron" is
gocron v2. "AfterFunc" is one runtime timer a job and "heap" one heap with one timer, both with no table of jobs, no ids and no
options: they are lower bounds, not schedulers. "–" means that the scheduler has nothing to compare, ">60 s" that the measurement was
cut off then, "failed" that the scheduler could not do it, such as add the jobs before they were due.

Every workload counts its runs. The last four columns count our faults over all rounds: runs that were due or asked for and not made, made
more than once, made while as many others as the limit allows were in progress, and made after a run that was due later. They must be 0.

`

// missed says why targets were missed.
//
//go:embed missed.md
var missed string

const faultsExplanation = `
## Faults of the others

`

const howToRun = `
## How to run

` + "```" + `
cd benchmarks
go run .                   # everything, five rounds
go run . -quick            # less than a minute
go run . -only 'burst|limit' -rounds 3
go run . -with quartz      # ours and one other
go run . -write            # writes this page and the picture
` + "```" + `

Use a machine that does nothing else. It must be Linux for the memory peaks. The command fails if a run of ours was lost, made twice,
over the limit or out of order. To compare two commits, use the benchmarks of the package and benchstat:

` + "```" + `
go test -run '^$' -bench . -benchmem -count 10 . >new.txt
` + "```" + `
`
