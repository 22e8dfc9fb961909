//go:build go1.25

package gocron

// repeat returns the last error.
func repeat(times int, do func() error) (err error) {
	for n := 0; n < times; n++ {
		err = do()
	}
	return err
}
