package jobs_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// withKeys makes a scheduler, and a func that adds an hourly job with the key and the given name.
func withKeys(t *testing.T) (gocron.Scheduler, *gocron.Controller, func(key, name string) (gocron.Job, error)) {
	t.Helper()
	s, err := gocron.NewScheduler()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Shutdown()) })
	add := func(key, name string) (gocron.Job, error) {
		return s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() {}), gocron.WithKey(key), gocron.WithName(name))
	}
	return s, gocron.NewController(s), add
}

// Ids may be stored: these are what they are for ever.
func TestContractTheIDOfAKeyNeverChanges(t *testing.T) {
	_, _, add := withKeys(t)
	namespace := uuid.MustParse("816d2b86-a0c7-469e-97fa-ff2b1a326a9f")
	for key, id := range map[string]string{
		"tenant-42":               "a68f04ad-d927-56fc-8c96-419c81494cfb",
		"Überweisung \x00\xff \n": "a72d41d3-add1-5263-90ce-b0a2d9264a7d",
		strings.Repeat("k", 1e5):  "c3d7bfce-96a0-5a51-bfb5-ea263d6730ac",
	} {
		j, err := add(key, "job")
		require.NoError(t, err)
		require.Equal(t, id, j.ID().String())
		require.Equal(t, uuid.NewSHA1(namespace, []byte(key)), j.ID())
		require.Equal(t, uuid.Version(5), j.ID().Version())
	}
}

func TestContractNewJobWithAKeyInUseReplacesTheJob(t *testing.T) {
	s, c, add := withKeys(t)
	old, err := add("report", "old")
	require.NoError(t, err)
	newer, err := add("report", "new")
	require.NoError(t, err)
	other, err := add("other", "new")
	require.NoError(t, err)
	require.Equal(t, old.ID(), newer.ID())
	require.NotEqual(t, other.ID(), newer.ID())
	require.Len(t, s.Jobs(), 2)
	found, err := c.JobByKey("report")
	require.NoError(t, err)
	require.Equal(t, "new", found.Name())
}

func TestContractAJobThatIsRefusedUnderAKeyLeavesTheOldOne(t *testing.T) {
	s, c, add := withKeys(t)
	_, err := add("report", "old")
	require.NoError(t, err)
	_, err = s.NewJob(gocron.DurationJob(0), gocron.NewTask(func() {}), gocron.WithKey("report"))
	require.ErrorIs(t, err, gocron.ErrDurationJobIntervalZero)
	found, err := c.JobByKey("report")
	require.NoError(t, err)
	require.Equal(t, "old", found.Name())
}

func TestContractKeysThatAreRefused(t *testing.T) {
	s, _, _ := withKeys(t)
	id := gocron.WithIdentifier(uuid.New())
	for name, test := range map[string]struct {
		options []gocron.JobOption
		says    string
	}{
		"empty":               {[]gocron.JobOption{gocron.WithKey("")}, "WithKey: the key is empty"},
		"before an id":        {[]gocron.JobOption{gocron.WithKey("k"), id}, `WithKey("k") together with WithIdentifier: a job has one id`},
		"after an id":         {[]gocron.JobOption{id, gocron.WithKey("k")}, `WithKey("k") together with WithIdentifier: a job has one id`},
		"the id is the key's": {[]gocron.JobOption{gocron.WithIdentifier(uuid.NewSHA1(uuid.MustParse("816d2b86-a0c7-469e-97fa-ff2b1a326a9f"), []byte("k"))), gocron.WithKey("k")}, "WithIdentifier"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() {}), append(test.options, gocron.WithName("nightly"))...)
			require.ErrorIs(t, err, gocron.ErrOptionValue)
			require.Contains(t, err.Error(), test.says)
			require.Contains(t, err.Error(), `job "nightly"`)
			require.NotContains(t, err.Error(), "\n")
			require.Empty(t, s.Jobs())
		})
	}
}

func TestContractTheLaterOfTwoKeysCounts(t *testing.T) {
	s, c, _ := withKeys(t)
	j, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() {}), gocron.WithKey("a"), gocron.WithKey("b"))
	require.NoError(t, err)
	found, err := c.JobByKey("b")
	require.NoError(t, err)
	require.Equal(t, j.ID(), found.ID())
	_, err = c.JobByKey("a")
	require.Equal(t, gocron.ErrJobNotFound, err)
}

func TestContractUpdateTakesTheKeyOfItsJobAlone(t *testing.T) {
	s, c, add := withKeys(t)
	j, err := add("report", "old")
	require.NoError(t, err)
	hourly, task := gocron.DurationJob(time.Hour), gocron.NewTask(func() {})

	updated, err := s.Update(j.ID(), hourly, task, gocron.WithKey("report"), gocron.WithName("new"))
	require.NoError(t, err)
	require.Equal(t, j.ID(), updated.ID())

	_, err = s.Update(j.ID(), hourly, task, gocron.WithKey("other"), gocron.WithName("newest"))
	require.ErrorIs(t, err, gocron.ErrOptionValue)
	require.Contains(t, err.Error(), `WithKey("other"): Update of the job with the id `+j.ID().String())
	found, err := c.JobByKey("report")
	require.NoError(t, err)
	require.Equal(t, "new", found.Name(), "what is refused leaves the job as it was")

	_, err = s.Update(j.ID(), hourly, task, gocron.WithName("keyless"))
	require.NoError(t, err)
	found, err = c.JobByKey("report")
	require.NoError(t, err)
	require.Equal(t, "keyless", found.Name(), "the job keeps its id, and so its key")
}

func TestContractJobsAreFoundByIDKeyAndName(t *testing.T) {
	s, c, add := withKeys(t)
	var ids []uuid.UUID
	for _, key := range []string{"a", "b", "c"} {
		j, err := add(key, "twin")
		require.NoError(t, err)
		ids = append(ids, j.ID())
	}
	other, err := add("d", "other")
	require.NoError(t, err)

	j, err := c.Job(ids[1])
	require.NoError(t, err)
	require.Equal(t, ids[1], j.ID())
	_, err = c.Job(uuid.New())
	require.Equal(t, gocron.ErrJobNotFound, err)
	_, err = c.JobByKey("")
	require.Equal(t, gocron.ErrJobNotFound, err)

	twins, err := c.JobsByName("twin")
	require.NoError(t, err)
	var found, expected []uuid.UUID
	for _, j := range twins {
		found = append(found, j.ID())
	}
	for _, j := range s.Jobs() {
		if j.ID() != other.ID() {
			expected = append(expected, j.ID())
		}
	}
	require.Equal(t, expected, found)
	none, err := c.JobsByName("nobody")
	require.NoError(t, err)
	require.Nil(t, none)
}

func TestContractRemoveByKey(t *testing.T) {
	s, c, add := withKeys(t)
	_, err := add("report", "report")
	require.NoError(t, err)
	kept, err := add("other", "other")
	require.NoError(t, err)
	require.NoError(t, c.RemoveByKey("report"))
	require.Equal(t, gocron.ErrJobNotFound, c.RemoveByKey("report"))
	require.Len(t, s.Jobs(), 1)
	require.Equal(t, kept.ID(), s.Jobs()[0].ID())
}

func TestContractKeysAfterShutdownAndOnAMock(t *testing.T) {
	s, c, add := withKeys(t)
	j, err := add("report", "report")
	require.NoError(t, err)
	require.NoError(t, s.Shutdown())
	_, err = c.Job(j.ID())
	require.Equal(t, gocron.ErrJobNotFound, err)
	require.Equal(t, gocron.ErrJobNotFound, c.RemoveByKey("report"))
	jobs, err := c.JobsByName("report")
	require.NoError(t, err)
	require.Nil(t, jobs)

	mock := gocron.NewController(struct{ gocron.Scheduler }{})
	_, err = mock.Job(j.ID())
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = mock.JobByKey("report")
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = mock.JobsByName("report")
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorIs(t, mock.RemoveByKey("report"), errors.ErrUnsupported)
}
