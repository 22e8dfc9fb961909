package redis

import (
	"context"

	goredis "github.com/redis/go-redis/v9"
)

// Every script touches one key, so that any of them runs on a cluster. Clients repeat a
// request whose answer was lost, so each script answers the same when it is run again
// with the same arguments: a holder that finds itself in the entry has won. (That is why
// redsync does not serve here: to its SET NX a repeated request finds the lock taken,
// and it then deletes the lock that the first one had obtained.)

// The answers of the scripts.
const (
	answerNo    = 0
	answerYes   = 1
	answerLate  = 2
	answerEarly = 3
)

// claimScript makes the claim KEYS[1] for the holder ARGV[1], which is possible from
// ARGV[2] until ARGV[3], in milliseconds since 1970 by the server's clock. The entry
// goes at the moment from which it can no longer be made: so it is never made twice.
var claimScript = goredis.NewScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now >= tonumber(ARGV[3]) then return 2 end
if now < tonumber(ARGV[2]) then return 3 end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PXAT', ARGV[3]) then return 1 end
if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
return 0`)

// lockScript takes the lock KEYS[1] for the holder ARGV[1] for ARGV[2] milliseconds.
var lockScript = goredis.NewScript(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

// renewScript makes the lock KEYS[1] last for another ARGV[2] milliseconds from now, if
// the holder ARGV[1] still has it.
var renewScript = goredis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

// unlockScript deletes the lock KEYS[1] if the holder ARGV[1] has it.
var unlockScript = goredis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`)

// bounded calls request and returns what it returns, but waits no longer than until ctx
// ends.
func bounded[T any](ctx context.Context, request func(context.Context) (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := request(ctx)
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
