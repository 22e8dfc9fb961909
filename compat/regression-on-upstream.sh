#!/bin/sh
# Runs regression_onetime_test.go, which uses the exported API alone, inside the
# package of published versions of upstream, and prints a table: case x version.
#
#   ./regression-on-upstream.sh [-a] [version ...]
#
# -a prints every case, not only those that are not ok everywhere. Versions before
# v2.16 hand tasks no context of their own accord, so our tasks don't fit them.
set -eu

upstream=github.com/go-co-op/gocron/v2
here=$(cd "$(dirname "$0")" && pwd)
test_file=$here/../regression_onetime_test.go
limit=${LIMIT:-150s} # for one test function of one version

all=no
if [ "${1:-}" = -a ]; then
	all=yes
	shift
fi
[ $# -gt 0 ] || set -- v2.19.1 v2.21.2 v2.22.0

if [ ! -f "$test_file" ]; then
	echo "There is no $(basename "$test_file") yet, so there is nothing to run. Sorry." >&2
	exit 0
fi

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
results=$work/results
: >"$results"

# fetch VERSION: the module's directory, or nothing if there is no such version.
fetch() {
	(cd "$here" && go mod download -json "$upstream@$1" 2>/dev/null) |
		sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p'
}

# without_context FILE: in versions without StopJobsWithContext, a stop that is
# not waited for any longer stands in for it.
without_context() {
	sed 's/\([a-z.]*\)\.StopJobsWithContext(/stopJobsWithContext(\1, /' "$1" >"$work/changed.go"
	cat >>"$work/changed.go" <<-'GO'

		func stopJobsWithContext(s Scheduler, ctx context.Context) error {
			stopped := make(chan error, 1)
			go func() { stopped <- s.StopJobs() }()
			select {
			case err := <-stopped:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	GO
	mv "$work/changed.go" "$1"
}

# build VERSION: a test binary with our tests instead of theirs.
build() {
	src=$(fetch "$1")
	[ -n "$src" ] || {
		echo "$1: the module proxy has no such version" >&2
		return 1
	}
	mkdir "$work/$1"
	cp -R "$src/." "$work/$1/"
	chmod -R u+w "$work/$1"
	find "$work/$1" -name '*_test.go' -delete
	cp "$test_file" "$work/$1/"
	grep -q StopJobsWithContext "$src/scheduler.go" || without_context "$work/$1/$(basename "$test_file")"
	(cd "$work/$1" && go mod tidy >"$work/log" 2>&1 && go test -c -vet=off -o "$work/$1.test" . >>"$work/log" 2>&1) || {
		echo "$1: does not build with our test:" >&2
		tail -n 5 "$work/log" >&2
		return 1
	}
}

# states VERSION: turns the output of a test run into lines "version case state".
# A case has no subtests. One that was begun and not ended hangs.
states() {
	awk -v version="$1" '
		/^=== RUN / { order[++n] = $3; name = $3
			while (sub("/[^/]*$", "", name)) parent[name] = 1
			next }
		/does not return/ { stuck[order[n]] = 1 }
		/^ *--- (PASS|FAIL|SKIP):/ { state[$3] = $2; sub(":", "", state[$3]) }
		END {
			for (i = 1; i <= n; i++) {
				name = order[i]
				if (parent[name]) continue
				s = state[name]
				out = s == "PASS" ? "ok" : s == "SKIP" ? "skip" : s == "" || stuck[name] ? "hang" : "FAIL"
				print version "\t" name "\t" out
			}
		}'
}

for version; do
	build "$version" || continue
	for name in $("$work/$version.test" -test.list 'TestRegressionOneTime'); do
		(cd "$work/$version" && "$work/$version.test" -test.v -test.run "^$name\$" -test.timeout "$limit" 2>&1 || true) |
			states "$version" >>"$results"
	done
	echo "$version: done" >&2
done

awk -F '\t' -v all="$all" -v versions="$*" '
	{ if (!($2 in seen)) { seen[$2] = 1; order[++n] = $2 }
	  state[$2, $1] = $3; count[$1, $3]++; total[$1]++; if ($3 != "ok" && $3 != "skip") bad[$2] = 1 }
	END {
		m = split(versions, v, " ")
		printf "%-78s", "case"; for (i = 1; i <= m; i++) printf " %9s", v[i]; print ""
		for (k = 1; k <= n; k++) {
			if (all == "no" && !(order[k] in bad)) { hidden++; continue }
			name = order[k]; sub("^TestRegression", "", name)
			printf "%-78s", name
			for (i = 1; i <= m; i++) printf " %9s", ((order[k], v[i]) in state) ? state[order[k], v[i]] : "-"
			print ""
		}
		if (hidden) printf "(and %d cases that are ok everywhere)\n", hidden
		split("ok FAIL hang", s, " ")
		for (j = 1; j <= 3; j++) {
			printf "%-78s", "total " s[j]; for (i = 1; i <= m; i++) printf " %9d", count[v[i], s[j]]; print ""
		}
	}' "$results"
