#!/usr/bin/env bash
# Packs the module as a proxy would serve it, and builds and runs two programs
# that use it: one under the module's own path, one written for
# github.com/go-co-op/gocron/v2 with a replace line. Each does so with the
# oldest go line that the module allows and with the go command's own.
#   scripts/consumer.sh [-worktree]    -worktree: pack what is in the folder, not HEAD
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
ours=$(go list -m) theirs=github.com/go-co-op/gocron/v2 version=v2.0.0-test

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
say() { printf 'consumer: %s\n' "$*"; }

mkdir "$tmp/src" "$tmp/proxy"
case ${1-} in
-worktree)
  say "packing the work tree"
  git ls-files -z --cached --others --exclude-standard | # a deleted file is still in the index
    while IFS= read -rd '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done |
    tar -c --null -T - | tar -x -C "$tmp/src"
  ;;
'')
  say "packing HEAD"
  git archive HEAD | tar -x -C "$tmp/src"
  ;;
*)
  echo "usage: $0 [-worktree]" >&2
  exit 2
  ;;
esac
go run -C scripts/modproxy . -src "$tmp/src" -dir "$tmp/proxy" -version "$version"

# A module cache of its own, so that nothing of the test version stays in the
# user's; what that one has of other modules need not be fetched again.
seed=$(go env GOMODCACHE)/cache/download
GOPROXY="file://$tmp/proxy,file://$seed,$(go env GOPROXY)"
export GOPROXY GOMODCACHE="$tmp/modcache" GOFLAGS="-mod=mod -modcacherw" GONOSUMDB="$ours" GOWORK=off

# consumer NAME GOLINE IMPORT EDIT... makes a program that imports IMPORT, with
# EDIT applied to its go.mod, and puts it to the test.
consumer() {
  local name=$1 line=$2 import=$3
  shift 3
  say "$name, go $line"
  mkdir "$tmp/$name-$line"
  cd "$tmp/$name-$line"
  sed "s#\"$ours\"#\"$import\"#" "$root/scripts/testdata/consumer/main.go" >main.go
  go mod init example.com/consumer 2>/dev/null
  go mod edit -go="$line" -toolchain=none
  "$@"
  quietly go mod tidy
  quietly go vet ./...
  go run .
  quietly go mod verify
  grep -q "$ours $version" go.mod || { say "go.mod does not name $ours $version"; exit 1; }
}

# quietly shows what a command says only when it fails.
quietly() {
  "$@" >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; say "failed: $*" >&2; exit 1; }
}

for line in "$(sed -n 's/^go //p' "$root/go.mod")" "$(go env GOVERSION | sed 's/^go//')"; do
  consumer own-path "$line" "$ours" \
    quietly go get "$ours@$version"
  consumer replace "$line" "$theirs" \
    go mod edit -require "$theirs@v2.22.0" -replace "$theirs=$ours@$version"
done
say "all good"
