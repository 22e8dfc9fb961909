package main

// The program is the one in docs/COOKBOOK.md. A test there compares the two, and what they print.
func Example() {
	main()
	// Output:
	// gocron_runs_total{job_name="backup",outcome="failed"} 1
	// gocron_runs_total{job_name="backup",outcome="succeeded"} 2
}
