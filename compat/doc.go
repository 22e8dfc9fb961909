// Package compat holds this scheduler beside the one it replaces. All of it is
// tests; README.md says how they work.
package compat
