package compat

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gocron-fixed/gocron/v2/compat/internal/ours"
	"github.com/gocron-fixed/gocron/v2/compat/internal/theirs"
)

// That both packages compile shows that one program fits both libraries, as long
// as it is one program.
func TestOneProgramForBoth(t *testing.T) {
	files, err := filepath.Glob("internal/ours/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	toTheirs := strings.NewReplacer(
		`"github.com/gocron-fixed/gocron/v2"`, `"github.com/go-co-op/gocron/v2"`,
		"\npackage ours\n", "\npackage theirs\n")
	for _, file := range files {
		mine := toTheirs.Replace("\n" + content(t, file))
		other := "\n" + content(t, filepath.Join("internal/theirs", filepath.Base(file)))
		if mine != other {
			t.Errorf("%s differs between the two: run generate.sh", filepath.Base(file))
		}
	}
}

func content(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestConstantsAndTexts(t *testing.T) {
	if a, b := theirs.Facts(), ours.Facts(); !reflect.DeepEqual(a, b) {
		t.Errorf("theirs %q\nours   %q", a, b)
	}
}
