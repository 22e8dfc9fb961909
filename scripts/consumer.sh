#!/usr/bin/env bash
# Packs the module as a proxy would serve it, and builds and runs two programs
# that use it, each under the module's own path and as one written for
# github.com/go-co-op/gocron/v2 with a replace line: one by itself, with the
# oldest go line that the module allows and with the go command's own, one with
# the modules that import nothing of it but are attached to it.
#   scripts/consumer.sh [-worktree]    -worktree: pack what is in the folder, not HEAD
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
ours=$(go list -m) theirs=github.com/go-co-op/gocron/v2 version=v2.0.0-test
attached=(metrics/prometheus metrics/otel dashboard) attached_version=v1.0.0-test

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
for dir in "${attached[@]}"; do
  go run -C scripts/modproxy . -src "$tmp/src/$dir" -dir "$tmp/proxy" -version "$attached_version"
done

# A module cache of its own, so that nothing of the test version stays in the
# user's; what that one has of other modules need not be fetched again.
seed=$(go env GOMODCACHE)/cache/download
GOPROXY="file://$tmp/proxy,file://$seed,$(go env GOPROXY)"
export GOPROXY GOMODCACHE="$tmp/modcache" GOFLAGS="-mod=mod -modcacherw" GONOSUMDB="${ours%/v2}" GOWORK=off

# consumer PROGRAM NAME GOLINE IMPORT EDIT... makes the program of scripts/testdata,
# with IMPORT imported and EDIT applied to its go.mod, and puts it to the test.
consumer() {
  local program=$1 name=$2 line=$3 import=$4
  shift 4
  say "$program, $name, go $line"
  mkdir "$tmp/$program-$name-$line"
  cd "$tmp/$program-$name-$line"
  sed "s#\"$ours\"#\"$import\"#" "$root/scripts/testdata/$program/main.go" >main.go
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

oldest=$(sed -n 's/^go //p' "$root/go.mod")
for line in "$oldest" "$(go env GOVERSION | sed 's/^go//')"; do
  consumer consumer own-path "$line" "$ours" \
    quietly go get "$ours@$version"
  consumer consumer replace "$line" "$theirs" \
    go mod edit -require "$theirs@v2.22.0" -replace "$theirs=$ours@$version"
done

versions=()
for dir in "${attached[@]}"; do
  versions+=("-require=${ours%/v2}/$dir@$attached_version")
done
consumer observed own-path "$oldest" "$ours" \
  go mod edit -require "$ours@$version" "${versions[@]}"
consumer observed replace "$oldest" "$theirs" \
  go mod edit -require "$theirs@v2.22.0" -replace "$theirs=$ours@$version" "${versions[@]}"
say "all good"
