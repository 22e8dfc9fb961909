package oracle

import "strings"

// zoned reports whether a line begins with a time zone.
func zoned(line string) bool { return strings.HasPrefix(line, "CRON_TZ=") }

// fields is the number of fields of a line. Words such as @daily stand for five.
func fields(line string) int {
	list := strings.Fields(line)
	if zoned(line) {
		list = list[1:]
	}
	if len(list) > 0 && strings.HasPrefix(list[0], "@") {
		return 5
	}
	return len(list)
}
