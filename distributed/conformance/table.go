package conformance

import "strings"

// Table is the results in Markdown: a row for each case and a column for each engine, in
// the order in which they first occur in results. A case that an engine was not put
// through, or lacks what it takes, is shown as "–".
func Table(results []Result) string {
	var engines []string
	cells := make(map[[2]string]string)
	seen := make(map[string]bool)
	for _, r := range results {
		if !seen[r.Engine] {
			seen[r.Engine] = true
			engines = append(engines, r.Engine)
		}
		cells[[2]string{r.Engine, r.Case}] = r.cell()
	}
	var b strings.Builder
	b.WriteString("| case | " + strings.Join(engines, " | ") + " |\n")
	b.WriteString("|---" + strings.Repeat("|---", len(engines)) + "|\n")
	for _, name := range Cases() {
		b.WriteString("| " + name)
		for _, engine := range engines {
			cell := cells[[2]string{engine, name}]
			if cell == "" {
				cell = "–"
			}
			b.WriteString(" | " + cell)
		}
		b.WriteString(" |\n")
	}
	return b.String()
}

func (r Result) cell() string {
	text := r.Figures.String()
	switch {
	case r.Status == NotRun:
		return "–"
	case r.Status == Failed && text == "":
		return "**failed**"
	case r.Status == Failed:
		return "**" + text + "**"
	case text == "":
		return "passed"
	}
	return text
}
