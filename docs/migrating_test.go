package docs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// MIGRATING.md has the programs of compat/moved word by word. Those for other schedulers stand in
// blocks marked golang, as blocks marked go are built within this module.
func TestMigratingShowsTheMovedPrograms(t *testing.T) {
	page, err := os.ReadFile("MIGRATING.md")
	require.NoError(t, err)
	programs, err := filepath.Glob("../compat/moved/*/*/main.go")
	require.NoError(t, err)
	require.Len(t, programs, 6)
	for _, file := range programs {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		language := "golang"
		if filepath.Base(filepath.Dir(file)) == "after" {
			language = "go"
		}
		require.Contains(t, string(page), "```"+language+"\n"+string(text)+"```\n", file)
	}
}
