// Modproxy lays a module out as a module proxy in the file system serves it.
//
//	modproxy -version v2.0.0-test -src DIR -dir PROXY
//
// The zip holds what Go's own rules put there: nested modules stay out. With
// GOPROXY=file://PROXY the go command then takes the module from the folder.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func main() {
	src := flag.String("src", ".", "`folder` of the module")
	dir := flag.String("dir", "", "`folder` of the proxy")
	version := flag.String("version", "", "`version` to serve it as")
	flag.Parse()
	if err := write(*src, *dir, *version); err != nil {
		fmt.Fprintln(os.Stderr, "modproxy:", err)
		os.Exit(1)
	}
}

func write(src, dir, version string) error {
	goMod, err := os.ReadFile(filepath.Join(src, "go.mod"))
	if err != nil {
		return err
	}
	mod := module.Version{Path: modfile.ModulePath(goMod), Version: version}
	escaped, err := module.EscapePath(mod.Path)
	if err != nil {
		return err
	}
	dir = filepath.Join(dir, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{version, time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"list":            []byte(version + "\n"),
		version + ".info": info,
		version + ".mod":  goMod,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return writeZip(filepath.Join(dir, version+".zip"), mod, src)
}

func writeZip(path string, mod module.Version, src string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := zip.CreateFromDir(f, mod, src); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
