package docs

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// rootPackage is the package as godoc sees it, with its examples.
//
// Examples of an interface's methods are named after the interface with the
// method as a suffix, ExampleJob_nextRun: godoc shows them with the interface.
// ExampleJob_NextRun it would show nowhere.
func rootPackage(t *testing.T) (pkg *doc.Package, examples int) {
	t.Helper()
	paths, err := filepath.Glob("../*.go")
	require.NoError(t, err)
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		isExample := strings.HasPrefix(filepath.Base(path), "example_")
		if strings.HasSuffix(path, "_test.go") && !isExample {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
		if isExample {
			examples += len(doc.Examples(file))
		}
	}
	pkg, err = doc.NewFromFiles(fset, files, "github.com/gocron-fixed/gocron/v2")
	require.NoError(t, err)
	return pkg, examples
}

// A documented is an exported identifier with what godoc shows for it.
type documented struct {
	name     string
	comment  string
	examples []*doc.Example
	callable bool // a function or method
}

// exportedOf lists the package-level identifiers of pkg and the methods of its
// types.
func exportedOf(pkg *doc.Package) []documented {
	all := exportedFuncs("", pkg.Funcs)
	all = append(all, exportedValues(pkg.Consts)...)
	all = append(all, exportedValues(pkg.Vars)...)
	for _, typ := range pkg.Types {
		all = append(all, documented{name: typ.Name, comment: typ.Doc, examples: typ.Examples})
		all = append(all, exportedFuncs("", typ.Funcs)...)
		all = append(all, exportedFuncs(typ.Name+".", typ.Methods)...)
		all = append(all, exportedValues(typ.Consts)...)
		all = append(all, exportedValues(typ.Vars)...)
	}
	return all
}

func exportedFuncs(prefix string, funcs []*doc.Func) []documented {
	var all []documented
	for _, f := range funcs {
		all = append(all, documented{prefix + f.Name, f.Doc, f.Examples, true})
	}
	return all
}

// exportedValues gives each constant or variable its own comment, or else that
// of the group it is declared in.
func exportedValues(values []*doc.Value) []documented {
	var all []documented
	for _, value := range values {
		for _, spec := range value.Decl.Specs {
			spec := spec.(*ast.ValueSpec)
			comment := spec.Doc.Text() + spec.Comment.Text() + value.Doc
			for _, name := range spec.Names {
				if name.IsExported() {
					all = append(all, documented{name: name.Name, comment: comment})
				}
			}
		}
	}
	return all
}

func TestEveryExportedIdentifierHasADocComment(t *testing.T) {
	pkg, _ := rootPackage(t)
	require.NotEmpty(t, pkg.Doc)
	all := exportedOf(pkg)
	require.Greater(t, len(all), 150)
	for _, id := range all {
		if strings.TrimSpace(id.comment) == "" {
			t.Errorf("%s has no doc comment", id.name)
		}
	}
}

func TestEveryExportedFunctionHasAnExample(t *testing.T) {
	pkg, _ := rootPackage(t)
	for _, id := range exportedOf(pkg) {
		if id.callable && !checked(id.examples) {
			t.Errorf("%s has no example with an Output comment", id.name)
		}
	}
}

// The interfaces that users call have an example for each method. Those that
// users implement are shown by the options that take them.
func TestEveryMethodOfSchedulerAndJobHasAnExample(t *testing.T) {
	pkg, _ := rootPackage(t)
	methods := 0
	for _, typ := range pkg.Types {
		if typ.Name != "Scheduler" && typ.Name != "Job" {
			continue
		}
		for _, method := range methodsOf(typ) {
			methods++
			if !checked(withSuffix(typ.Examples, lowerFirst(method))) {
				t.Errorf("%s.%s: no Example%s_%s with an Output comment", typ.Name, method, typ.Name, lowerFirst(method))
			}
		}
	}
	require.Greater(t, methods, 20)
}

func methodsOf(typ *doc.Type) []string {
	var names []string
	spec := typ.Decl.Specs[0].(*ast.TypeSpec)
	for _, method := range spec.Type.(*ast.InterfaceType).Methods.List {
		for _, name := range method.Names {
			names = append(names, name.Name)
		}
	}
	return names
}

// lowerFirst lowers an initialism as a whole: ID becomes id.
func lowerFirst(name string) string {
	if name == strings.ToUpper(name) {
		return strings.ToLower(name)
	}
	return string(unicode.ToLower(rune(name[0]))) + name[1:]
}

func withSuffix(examples []*doc.Example, suffix string) []*doc.Example {
	var found []*doc.Example
	for _, example := range examples {
		if example.Suffix == suffix {
			found = append(found, example)
		}
	}
	return found
}

// checked reports whether one of the examples is run by go test.
func checked(examples []*doc.Example) bool {
	for _, example := range examples {
		if example.Output != "" || example.EmptyOutput {
			return true
		}
	}
	return false
}

func TestGodocShowsEveryExample(t *testing.T) {
	pkg, examples := rootPackage(t)
	shown := len(pkg.Examples)
	for _, id := range exportedOf(pkg) {
		shown += len(id.examples)
	}
	require.Equal(t, examples, shown, "an example is named after nothing that godoc knows")
}

// Every exported type, constant and variable occurs in the code of an example. An error may instead be
// named in the doc of what returns it. Functions and methods have examples of their own, see above.
func TestEveryExportedNameIsInAnExample(t *testing.T) {
	pkg, _ := rootPackage(t)
	used := namesInExamples(t)
	docs := docsOfOperations(pkg)
	for _, id := range exportedOf(pkg) {
		name := id.name[strings.LastIndex(id.name, ".")+1:]
		isError := strings.HasPrefix(name, "Err")
		switch {
		case used[name], id.callable, keptForPrograms[name]:
		case isError && namedIn(docs, name):
		case isError:
			t.Errorf("%s is in no example, and no doc of a function, type or method names it", name)
		default:
			t.Errorf("%s is in no example", id.name)
		}
	}
}

// keptForPrograms are errors that nothing returns. They exist because programs may name them.
var keptForPrograms = map[string]bool{
	"ErrStopExecutorTimedOut":    true,
	"ErrStopSchedulerTimedOut":   true,
	"ErrWithSchedulerMonitorNil": true,
	"ErrJobParameterMismatch":    true,
}

// namesInExamples are the identifiers in the code of the examples.
func namesInExamples(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../example_*_test.go")
	require.NoError(t, err)
	used := map[string]bool{}
	for _, file := range files {
		syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(syntax, func(n ast.Node) bool {
			if name, ok := n.(*ast.Ident); ok {
				used[name.Name] = true
			}
			return true
		})
	}
	return used
}

// docsOfOperations are the comments of functions, types, methods and constants: not of variables.
func docsOfOperations(pkg *doc.Package) string {
	var all strings.Builder
	for _, f := range pkg.Funcs {
		all.WriteString(f.Doc)
	}
	for _, typ := range pkg.Types {
		all.WriteString(typ.Doc)
		for _, f := range append(typ.Funcs, typ.Methods...) {
			all.WriteString(f.Doc)
		}
		for _, constant := range exportedValues(typ.Consts) {
			all.WriteString(constant.comment)
		}
		ast.Inspect(typ.Decl, func(n ast.Node) bool {
			if field, ok := n.(*ast.Field); ok {
				all.WriteString(field.Doc.Text())
			}
			return true
		})
	}
	return all.String()
}

func namedIn(docs, name string) bool {
	return regexp.MustCompile(`\b` + name + `\b`).MatchString(docs)
}

// A group of errors stands under its own comment, not under that of another group.
func TestGroupsOfErrorsHaveTheirOwnComment(t *testing.T) {
	pkg, _ := rootPackage(t)
	refused := regexp.MustCompile(`when they refuse a (\w+Job)\.`)
	kinds := 0
	for _, group := range pkg.Vars {
		kind := refused.FindStringSubmatch(group.Doc)
		if kind != nil {
			kinds++
		}
		for _, name := range group.Names {
			require.True(t, kind == nil || strings.HasPrefix(name, "Err"+kind[1]), "%s: %s", name, group.Doc)
			require.Equal(t, keptForPrograms[name], strings.HasPrefix(group.Doc, "Nothing returns"), name)
		}
	}
	require.Equal(t, 6, kinds, "cron, duration, random duration, daily, weekly and monthly jobs")
}
