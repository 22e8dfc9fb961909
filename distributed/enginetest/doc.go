// Package enginetest puts the adapters for PostgreSQL, PostgreSQL behind PgBouncer,
// Redis and etcd, on real servers, through the conformance suite. It has only tests:
//
//	scripts/engines run go test -C distributed/enginetest . -timeout 30m
//
// With -write they put the table of results into docs/DISTRIBUTED.md.
package enginetest
