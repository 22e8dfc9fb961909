// Package compat holds this scheduler beside the one it replaces.
package compat

import "github.com/gocron-fixed/gocron/v2/compat/internal/spec"

func judge(c spec.Case, theirs, ours spec.Result) (row, why string) {
	if text(theirs) == text(ours) {
		return "", ""
	}
	return "", "no row"
}
