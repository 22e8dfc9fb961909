#!/bin/sh
# Writes internal/theirs from internal/ours: the same program, other import.
set -eu
cd "$(dirname "$0")/internal"
for f in ours/*.go; do
	sed -e 's|"github.com/gocron-fixed/gocron/v2"|"github.com/go-co-op/gocron/v2"|' \
		-e 's|^package ours$|package theirs|' "$f" >"theirs/$(basename "$f")"
done
gofmt -l theirs
