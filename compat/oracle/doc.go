// Package oracle compares the days of crontabs with what other libraries make of them.
// All of it is tests; README.md says how they work.
package oracle
