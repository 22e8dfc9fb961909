// Package docs has the pages of the documentation, and tests of them.
package docs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A page is a file of the documentation, under its path from the root.
type page struct {
	name, text string
}

// pages are README.md and the pages in docs.
func pages(t *testing.T) (all []page) {
	t.Helper()
	paths, err := filepath.Glob("*.md")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range append(paths, "../README.md") {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		all = append(all, page{filepath.ToSlash(filepath.Join("docs", path)), string(text)})
	}
	return all
}
