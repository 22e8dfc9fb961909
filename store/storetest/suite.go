package storetest

import "testing"

// A testCase is a sentence of what a store must do. Story is told with an empty store in use.
type testCase struct {
	name  string
	story func(*world)
}

// Run puts the kind of store to the test, with a subtest for each case.
func Run(t *testing.T, kind Kind) {
	t.Helper()
	if kind.New == nil {
		t.Fatal("storetest: a Kind needs New")
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.story(newWorld(t, kind))
		})
	}
}
