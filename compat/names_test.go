package compat

import "time"

type duration64 = time.Duration

// The names that the two programs know.
var (
	tasks = []string{
		"nil", "of nil", "of int", "of string", "of struct", "of nil func ptr", "of nil func", "of int ptr", "func ptr",
		"no args, one", "one arg, none", "one arg, two", "one arg, good", "int as string", "string as int", "int64 as int",
		"two, second wrong", "struct, good", "slice, good", "map, good", "context, none", "context, int good",
		"context, int none", "context, too many", "context, given", "variadic, one", "variadic, wrong", "variadic, mixed",
		"variadic, slice", "any, int", "error, nil", "int, nil", "pointer, nil", "pointer to int", "pointer to struct",
		"other pointer", "other struct", "int64 as duration", "stringer on uuid", "struct as stringer", "int then variadic",
		"nil ptr behind a ptr",
	}
	options = []string{
		"nil", "name", "no name", "tags", "no tags", "id", "no id", "limited", "limited to 0", "singleton", "singleton wait",
		"singleton 0", "singleton 7", "context", "no context", "no cron", "no locker", "locker disabled", "policy 99",
		"from completion", "start nil", "stop nil", "no listeners", "nil listener", "before nil", "before error nil",
		"after nil", "after error nil", "after panic nil", "lock error nil", "start immediately",
	}
	schedulerOptions = []string{
		"nil", "limit 0", "limit 2", "limit 2 other", "limit mode 7", "timeout 0", "timeout -1", "no location", "no clock",
		"no logger", "logger", "no monitor", "no monitor status", "no sched monitor", "no elector", "no locker", "no globals",
	}
)
