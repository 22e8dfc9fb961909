package policy_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

func TestPermanent(t *testing.T) {
	require.True(t, gocron.Permanent(nil) == nil)
	cause := &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}
	err := gocron.Permanent(cause)
	require.EqualError(t, err, cause.Error())
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.True(t, errors.Unwrap(err) == error(cause))
	var as *fs.PathError
	require.ErrorAs(t, gocron.Permanent(gocron.Permanent(err)), &as)
	require.True(t, as == cause)
	require.NotErrorIs(t, err, gocron.ErrJobNotFound)
}

func TestPanicError(t *testing.T) {
	err := &gocron.PanicError{Value: "ouch"}
	require.EqualError(t, err, "gocron: panic recovered from ouch")
	require.ErrorIs(t, err, gocron.ErrPanicRecovered)

	err = &gocron.PanicError{Value: fs.ErrNotExist}
	require.EqualError(t, err, "gocron: panic recovered from file does not exist")
	require.ErrorIs(t, err, gocron.ErrPanicRecovered)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NotErrorIs(t, err, fs.ErrExist)

	require.EqualError(t, &gocron.PanicError{}, "gocron: panic recovered from <nil>")
	require.EqualError(t, &gocron.PanicError{Value: 5}, "gocron: panic recovered from 5")
	require.EqualError(t, &gocron.PanicError{Value: errors.New("100%d")}, "gocron: panic recovered from 100%d")
	require.NotErrorIs(t, &gocron.PanicError{Value: fs.ErrNotExist.Error()}, fs.ErrNotExist)
}
