package gocron

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// locks are the functions that take the scheduler's lock.
var locks = map[string]bool{"lock": true, "lockJob": true, "unlocked": true, "eachJob": true, "eachTagged": true, "eachOf": true}

// A helper that expects the scheduler's lock has a name that ends in Locked. What calls it takes
// the lock, has such a name too, or is an unexported method of a record, which expects the lock as
// well.
func TestOnlyWhoHasTheLockCallsHelpersThatExpectIt(t *testing.T) {
	records := map[string]bool{"internalJob": true, "run": true, "session": true, "rareState": true}
	eachFunc(t, func(file string, f *ast.FuncDecl) {
		name, record := f.Name.Name, records[receiver(f)] && !f.Name.IsExported()
		if strings.HasSuffix(name, "Locked") || name == "unlock" || record {
			return
		}
		takes, needs := false, ""
		ast.Inspect(f, func(n ast.Node) bool {
			if call, is := n.(*ast.CallExpr); is {
				called := calledName(call)
				takes = takes || locks[called]
				if strings.HasSuffix(called, "Locked") {
					needs = called
				}
			}
			return true
		})
		assert.True(t, takes || needs == "", "%s: %s calls %s and does not take the lock", file, name, needs)
	})
}

// The mutex is touched by lock, unlock and unlocked alone, so that nobody lets go of it before what
// follows was settled.
func TestOnlyTheExecutorTouchesTheMutex(t *testing.T) {
	eachFunc(t, func(file string, f *ast.FuncDecl) {
		ast.Inspect(f, func(n ast.Node) bool {
			sel, is := n.(*ast.SelectorExpr)
			if !is || sel.Sel.Name != "mu" || receiver(f) == "cronTurns" || receiver(f) == "idSource" || file == "store_memory.go" || file == "executor.go" {
				return true
			}
			require.Fail(t, "touches a mutex", "%s: %s", file, f.Name.Name)
			return true
		})
	})
}

// eachFunc calls f for all functions of the package's sources.
func eachFunc(t *testing.T, f func(file string, decl *ast.FuncDecl)) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, decl := range parsed.Decls {
			if decl, is := decl.(*ast.FuncDecl); is {
				f(file, decl)
			}
		}
	}
}

// receiver is the name of the type that f is a method of, "" for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	t := f.Recv.List[0].Type
	if star, is := t.(*ast.StarExpr); is {
		t = star.X
	}
	if generic, is := t.(*ast.IndexExpr); is {
		t = generic.X
	}
	return t.(*ast.Ident).Name
}

func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// No file of the root package, tests included, imports a package of this module: for programs that use it
// in the place of gocron the module's path is none that they can load.
func TestTheRootImportsNothingOfItsModule(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		require.Equal(t, "gocron", parsed.Name.Name, file)
		for _, imported := range parsed.Imports {
			require.NotContains(t, imported.Path.Value, "gocron-fixed", file)
		}
	}
}
