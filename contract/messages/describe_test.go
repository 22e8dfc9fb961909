package messages_test

import (
	"math"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

func TestDescribe_crontabs(t *testing.T) {
	lines := [][2]string{
		{"* * * * *", "every minute"},
		{"*/1 * * * *", "every minute"},
		{"? ? ? ? ?", "every minute"},
		{"*/2 * * * *", "every 2 minutes"},
		{"*/5 * * * *", "every 5 minutes"},
		{"*/10 * * * *", "every 10 minutes"},
		{"*/15 * * * *", "every 15 minutes"},
		{"*/20 * * * *", "every 20 minutes"},
		{"*/30 * * * *", "every 30 minutes"},
		{"*/60 * * * *", "every hour"},
		{"0,30 * * * *", "every 30 minutes"},
		{"0,15,30,45 * * * *", "every 15 minutes"},
		{"*/7 * * * *", "every 7 minutes from 0 to 56 past every hour"},
		{"*/45 * * * *", "at 0 and 45 minutes past every hour"},
		{"*/40 * * * *", "at 0 and 40 minutes past every hour"},
		{"5/15 * * * *", "every 15 minutes from 5 to 50 past every hour"},
		{"3-59/5 * * * *", "every 5 minutes from 3 to 58 past every hour"},
		{"0 * * * *", "every hour"},
		{"1 * * * *", "at 1 minute past every hour"},
		{"5 * * * *", "at 5 minutes past every hour"},
		{"30 * * * *", "at 30 minutes past every hour"},
		{"59 * * * *", "at 59 minutes past every hour"},
		{"5,20,50 * * * *", "at 5, 20 and 50 minutes past every hour"},
		{"0-10 * * * *", "every minute from 0 to 10 past every hour"},
		{"0-4,30 * * * *", "at 0 to 4 and 30 minutes past every hour"},
		{"0-9,20-29,40-49 * * * *", "at 0 to 9, 20 to 29 and 40 to 49 minutes past every hour"},
		{"17,47 * * * *", "at 17 and 47 minutes past every hour"},
		{"@hourly", "every hour"},
		{"@daily", "every day at 00:00"},
		{"@midnight", "every day at 00:00"},
		{"@weekly", "at 00:00 on Sunday"},
		{"@monthly", "at 00:00 on the 1st of the month"},
		{"@yearly", "at 00:00 on the 1st of January"},
		{"@annually", "at 00:00 on the 1st of January"},
		{"@every 1s", "every second"},
		{"@every 30s", "every 30 seconds"},
		{"@every 90s", "every 1 minute and 30 seconds"},
		{"@every 1m", "every minute"},
		{"@every 5m", "every 5 minutes"},
		{"@every 1h", "every hour"},
		{"@every 1h30m", "every 1 hour and 30 minutes"},
		{"@every 36h", "every 36 hours"},
		{"@every 1h0m5s", "every 1 hour and 5 seconds"},
		{"@every 2h3m4s", "every 2 hours, 3 minutes and 4 seconds"},
		{"0 0 * * *", "every day at 00:00"},
		{"30 2 * * *", "every day at 02:30"},
		{"0 9 * * *", "every day at 09:00"},
		{"00 09 * * *", "every day at 09:00"},
		{"5 4 * * *", "every day at 04:05"},
		{"59 23 * * *", "every day at 23:59"},
		{"0 9,17 * * *", "every day at 09:00 and 17:00"},
		{"0 9,12,15 * * *", "every day at 09:00, 12:00 and 15:00"},
		{"0,30 9 * * *", "every day at 09:00 and 09:30"},
		{"0,30 9,10 * * *", "every day at 09:00, 09:30, 10:00 and 10:30"},
		{"0,30 9-12 * * *", "every 30 minutes from 09:00 to 12:30"},
		{"15 9-17 * * *", "every hour from 09:15 to 17:15"},
		{"0 9-17 * * *", "every hour from 09:00 to 17:00"},
		{"30 9-17 * * *", "every hour from 09:30 to 17:30"},
		{"0 */2 * * *", "every 2 hours"},
		{"30 */2 * * *", "every 2 hours from 00:30 to 22:30"},
		{"0 */3 * * *", "every 3 hours"},
		{"0 */4 * * *", "every 4 hours"},
		{"15 */4 * * *", "every day at 00:15, 04:15, 08:15, 12:15, 16:15 and 20:15"},
		{"0 */5 * * *", "every day at 00:00, 05:00, 10:00, 15:00 and 20:00"},
		{"0 */6 * * *", "every 6 hours"},
		{"30 */6 * * *", "every day at 00:30, 06:30, 12:30 and 18:30"},
		{"0 */8 * * *", "every 8 hours"},
		{"0 */12 * * *", "every day at 00:00 and 12:00"},
		{"0 */24 * * *", "every day at 00:00"},
		{"0 8-18/2 * * *", "every day at 08:00, 10:00, 12:00, 14:00, 16:00 and 18:00"},
		{"0 1-23/2 * * *", "every 2 hours from 01:00 to 23:00"},
		{"0 22-2 * * *", "every day at 00:00, 01:00, 02:00, 22:00 and 23:00"},
		{"0 20-4 * * *", "every hour from 00:00 to 04:00 and from 20:00 to 23:00"},
		{"0 18-23,0-6 * * *", "every hour from 00:00 to 06:00 and from 18:00 to 23:00"},
		{"0 0-6,12,18-23 * * *", "every hour from 00:00 to 06:00, at 12:00 and from 18:00 to 23:00"},
		{"0 22-2/3 * * *", "every day at 01:00 and 22:00"},
		{"0 1,2,3,5,8,13,21 * * *", "every hour from 01:00 to 03:00, at 05:00, at 08:00, at 13:00 and at 21:00"},
		{"* 9 * * *", "every minute from 09:00 to 09:59"},
		{"* 9-17 * * *", "every minute from 09:00 to 17:59"},
		{"* 22-2 * * *", "every minute from 00:00 to 02:59 and from 22:00 to 23:59"},
		{"*/15 9 * * *", "every 15 minutes from 09:00 to 09:45"},
		{"*/5 9-17 * * *", "every 5 minutes from 09:00 to 17:55"},
		{"*/10 8-18 * * *", "every 10 minutes from 08:00 to 18:50"},
		{"*/15 9-17 * * *", "every 15 minutes from 09:00 to 17:45"},
		{"*/30 9-17 * * *", "every 30 minutes from 09:00 to 17:30"},
		{"*/15 */2 * * *", "every 15 minutes of every 2nd hour"},
		{"*/15 0,12 * * *", "every 15 minutes from 00:00 to 00:45 and from 12:00 to 12:45"},
		{"*/20 22-2 * * *", "every 20 minutes from 00:00 to 02:40 and from 22:00 to 23:40"},
		{"*/30 1 * * *", "every day at 01:00 and 01:30"},
		{"*/7 9-17 * * *", "every 7 minutes from 0 to 56 past hours 9 to 17"},
		{"5,20,50 9-17 * * *", "at 5, 20 and 50 minutes past hours 9 to 17"},
		{"5,20,50 */2 * * *", "at 5, 20 and 50 minutes past every 2nd hour"},
		{"5,20,50 9 * * *", "at 5, 20 and 50 minutes past hour 9"},
		{"0-29 8,20 * * *", "every minute from 0 to 29 past hours 8 and 20"},
		{"0-4 * * * *", "every minute from 0 to 4 past every hour"},
		{"*/25 6-22 * * *", "at 0, 25 and 50 minutes past hours 6 to 22"},
		{"0 0 * * 0", "at 00:00 on Sunday"},
		{"0 0 * * 7", "at 00:00 on Sunday"},
		{"0 0 * * sun", "at 00:00 on Sunday"},
		{"0 9 * * 1-5", "at 09:00, Monday to Friday"},
		{"0 9 * * mon-fri", "at 09:00, Monday to Friday"},
		{"30 8 * * MON,WED,FRI", "at 08:30 on Monday, Wednesday and Friday"},
		{"0 10 * * 6,0", "at 10:00 on Saturday and Sunday"},
		{"0 10 * * sat-sun", "at 10:00 on Saturday and Sunday"},
		{"0 10 * * 5-1", "at 10:00, Friday to Monday"},
		{"0 10 * * 5-7", "at 10:00, Friday to Sunday"},
		{"0 10 * * 1-7/2", "at 10:00 on Sunday, Monday, Wednesday and Friday"},
		{"0 10 * * 0-6", "every day at 10:00"},
		{"0 10 * * */2", "at 10:00 on Tuesday, Thursday, Saturday and Sunday"},
		{"0 10 * * 2-4,6", "at 10:00 on Tuesday to Thursday and Saturday"},
		{"*/15 9-17 * * 1-5", "every 15 minutes from 09:00 to 17:45, Monday to Friday"},
		{"*/10 * * * 1-5", "every 10 minutes, Monday to Friday"},
		{"0 * * * 6,0", "every hour on Saturday and Sunday"},
		{"0 22-2 * * 5", "at 00:00, 01:00, 02:00, 22:00 and 23:00 on Friday"},
		{"0 0 1 * *", "at 00:00 on the 1st of the month"},
		{"0 0 15 * *", "at 00:00 on the 15th of the month"},
		{"0 0 1,15 * *", "at 00:00 on the 1st and the 15th of the month"},
		{"0 0 1,15,28 * *", "at 00:00 on the 1st, the 15th and the 28th of the month"},
		{"0 0 1-7 * *", "at 00:00 on the 1st to the 7th of the month"},
		{"0 0 1-7,15-21 * *", "at 00:00 on the 1st to the 7th and the 15th to the 21st of the month"},
		{"0 0 2 * *", "at 00:00 on the 2nd of the month"},
		{"0 0 3 * *", "at 00:00 on the 3rd of the month"},
		{"0 0 11,12,13,21,22,23,31 * *", "at 00:00 on the 11th to the 13th, the 21st to the 23rd and the 31st of the month"},
		{"0 0 */2 * *", "at 00:00 on every 2nd day from the 1st to the 31st of the month"},
		{"0 0 */5 * *", "at 00:00 on every 5th day from the 1st to the 31st of the month"},
		{"0 0 1-31 * *", "every day at 00:00"},
		{"0 0 5/10 * *", "at 00:00 on the 5th, the 15th and the 25th of the month"},
		{"0 12 */7 * *", "at 12:00 on every 7th day from the 1st to the 29th of the month"},
		{"0 0 L * *", "at 00:00 on the last day of the month"},
		{"30 2 L * *", "at 02:30 on the last day of the month"},
		{"0 0 L-1 * *", "at 00:00 on the day before the last day of the month"},
		{"0 0 L-3 * *", "at 00:00 on the 3rd day before the last day of the month"},
		{"0 0 1,L * *", "at 00:00 on the 1st and the last day of the month"},
		{"0 0 15,L-1,L * *", "at 00:00 on the 15th, the day before the last day and the last day of the month"},
		{"0 0 1W * *", "at 00:00 on the weekday nearest to the 1st of the month"},
		{"0 0 15W * *", "at 00:00 on the weekday nearest to the 15th of the month"},
		{"0 9 LW * *", "at 09:00 on the last weekday of the month"},
		{"0 9 1W,15W,LW * *", "at 09:00 on the weekday nearest to the 1st, the weekday nearest to the 15th and the last weekday of the month"},
		{"0 9 l * *", "at 09:00 on the last day of the month"},
		{"0 9 * * 5L", "at 09:00 on the last Friday of the month"},
		{"0 9 * * friL", "at 09:00 on the last Friday of the month"},
		{"0 9 * * 1#1", "at 09:00 on the 1st Monday of the month"},
		{"0 9 * * mon#2", "at 09:00 on the 2nd Monday of the month"},
		{"0 22 * * 2#2", "at 22:00 on the 2nd Tuesday of the month"},
		{"0 9 * * 1#1,1#3", "at 09:00 on the 1st Monday and the 3rd Monday of the month"},
		{"0 9 * * 6#5", "at 09:00 on the 5th Saturday of the month"},
		{"0 9 * * 0,5L", "at 09:00 on Sunday and the last Friday of the month"},
		{"0 9 * * 1L,5L", "at 09:00 on the last Monday and the last Friday of the month"},
		{"0 9 * 1-6 5L", "at 09:00 on the last Friday of the month from January to June"},
		{"*/15 9-17 * * 5L", "every 15 minutes from 09:00 to 17:45 on the last Friday of the month"},
		{"0 0 13 * 5", "at 00:00 on the 13th of the month as well as on Friday"},
		{"0 0 1,15 * 1-5", "at 00:00 on the 1st and the 15th of the month as well as on Monday to Friday"},
		{"0 0 L * 5L", "at 00:00 on the last day of the month as well as on the last Friday of the month"},
		{"0 0 1 * 1-7", "at 00:00 on the 1st of the month"},
		{"0 0 */2 * 1", "at 00:00 on every 2nd day from the 1st to the 31st of the month as well as on Monday"},
		{"0 0 1 1 *", "at 00:00 on the 1st of January"},
		{"0 0 1 jan,jul *", "at 00:00 on the 1st of January and July"},
		{"0 0 1 */3 *", "at 00:00 on the 1st of January, April, July and October"},
		{"0 0 1 */2 *", "at 00:00 on the 1st of January, March, May, July, September and November"},
		{"0 0 1 6-8 *", "at 00:00 on the 1st of the month from June to August"},
		{"0 0 1 11-2 *", "at 00:00 on the 1st of the month from November to February"},
		{"0 0 25 12 *", "at 00:00 on the 25th of December"},
		{"0 0 29 2 *", "at 00:00 on the 29th of February"},
		{"0 0 30 2 *", "at 00:00 on the 30th of February"},
		{"0 0 31 * *", "at 00:00 on the 31st of the month"},
		{"0 0 31W * *", "at 00:00 on the weekday nearest to the 31st of the month"},
		{"0 0 L 2 *", "at 00:00 on the last day of February"},
		{"0 9 * 1 *", "every day in January at 09:00"},
		{"0 9 * 6-8 *", "every day from June to August at 09:00"},
		{"0 9 * jan,mar,may *", "every day in January, March and May at 09:00"},
		{"0 9 * 1-3,7 *", "every day in January to March and July at 09:00"},
		{"0 9 * 11-2 *", "every day from November to February at 09:00"},
		{"*/15 * * 12 *", "every 15 minutes in December"},
		{"*/15 * * 6-8 1-5", "every 15 minutes, Monday to Friday, from June to August"},
		{"0 9 * 6-8 1-5", "at 09:00, Monday to Friday, from June to August"},
		{"0 9 * 1 1", "at 09:00 on Monday in January"},
		{"0 0 13 1 5", "at 00:00 on the 13th of the month as well as on Friday, in January"},
		{"0 9 1-7 10 1", "at 09:00 on the 1st to the 7th of the month as well as on Monday, in October"},
		{"0 9 1 1,2,3 *", "at 09:00 on the 1st of the month from January to March"},
		{"TZ=Europe/Berlin 30 2 * * *", "every day at 02:30 (Europe/Berlin)"},
		{"CRON_TZ=America/New_York 0 9 * * 1-5", "at 09:00, Monday to Friday (America/New_York)"},
		{"CRON_TZ=UTC */15 * * * *", "every 15 minutes (UTC)"},
		{"CRON_TZ=Asia/Tokyo @daily", "every day at 00:00 (Asia/Tokyo)"},
		{"CRON_TZ=Asia/Tokyo @every 90s", "every 1 minute and 30 seconds (Asia/Tokyo)"},
		{"CRON_TZ=Local 0 0 * * *", "every day at 00:00"},
		{"* * * * * *", "every second"},
		{"*/1 * * * * *", "every second"},
		{"*/10 * * * * *", "every 10 seconds"},
		{"*/30 * * * * *", "every 30 seconds"},
		{"0,30 * * * * *", "every 30 seconds"},
		{"*/7 * * * * *", "every 7 seconds from 0 to 56 of every minute"},
		{"5,10,20 * * * * *", "at seconds 5, 10 and 20 of every minute"},
		{"0 * * * * *", "every minute"},
		{"30 * * * * *", "every minute, at second 30"},
		{"30 */5 * * * *", "every 5 minutes, at second 30"},
		{"30 5 * * * *", "at 5 minutes and 30 seconds past every hour"},
		{"1 1 * * * *", "at 1 minute and 1 second past every hour"},
		{"15 30 2 * * *", "every day at 02:30:15"},
		{"15 0 9-17 * * *", "every hour from 09:00:15 to 17:00:15"},
		{"15 0 */2 * * *", "every 2 hours from 00:00:15 to 22:00:15"},
		{"15 0 */6 * * *", "every day at 00:00:15, 06:00:15, 12:00:15 and 18:00:15"},
		{"*/10 * 9-17 * * *", "every 10 seconds from 09:00 to 17:59:50"},
		{"5,10,20 * 9-17 * * *", "at seconds 5, 10 and 20 of every minute from 09:00 to 17:59"},
		{"*/10 30 * * * *", "every 10 seconds of minute 30 past every hour"},
		{"*/10 30 2 * * *", "every 10 seconds of the minute 02:30"},
		{"* 30 2 * * *", "every second of the minute 02:30"},
		{"0-9 0 9,17 * * *", "every second from 0 to 9 of the minutes 09:00 and 17:00"},
		{"*/10 */5 * * * *", "every 10 seconds of every 5th minute past every hour"},
		{"*/10 0-4 9-17 * * *", "every 10 seconds of minutes 0 to 4 past hours 9 to 17"},
		{"*/15 0,30 9-17 * * 1-5", "every 15 seconds of minutes 0 and 30 past hours 9 to 17, Monday to Friday"},
		{"* * 9 * * *", "every second from 09:00 to 09:59:59"},
		{"0 0 0 1 1 * 2026", "at 00:00 on the 1st of January in 2026"},
		{"0 0 9 * * * 2026", "every day in 2026 at 09:00"},
		{"0 0 0 1 1 * 2026,2028", "at 00:00 on the 1st of January in 2026 and 2028"},
		{"0 0 0 1 1 * 2026-2030", "at 00:00 on the 1st of January from 2026 to 2030"},
		{"0 0 0 1 1 * 2000-2100/4", "at 00:00 on the 1st of January every 4 years from 2000 to 2100"},
		{"0 0 0 1 1 * */100", "at 00:00 on the 1st of January every 100 years from 1970 to 9970"},
		{"0 */15 * * * * 2026", "every 15 minutes in 2026"},
		{"0 0 9 * 6-8 1-5 2026", "at 09:00, Monday to Friday, from June to August in 2026"},
		{"0 0 0 29 2 * 2024-2048/4,2052", "at 00:00 on the 29th of February every 4 years from 2024 to 2052"},
		{"0 0 0 1 1 * *", "at 00:00 on the 1st of January"},
		{"0 0 0 L 12 * 2027", "at 00:00 on the last day of December in 2027"},
		{"0 0 9 * * 1#1 2026-2027", "at 09:00 on the 1st Monday of the month in 2026 and 2027"},
		{"H * * * *", "at a chosen minute of every hour (chosen by the job's name)"},
		{"H H * * *", "at a chosen minute of a chosen hour every day (chosen by the job's name)"},
		{"H/15 * * * *", "at every 15th minute, beginning with a chosen one, of every hour (chosen by the job's name)"},
		{"H(0-29) * * * *", "at a chosen minute from 0 to 29 of every hour (chosen by the job's name)"},
		{"H(0-29)/10 * * * *", "at every 10th minute from 0 to 29, beginning with a chosen one, of every hour (chosen by the job's name)"},
		{"H 2 * * *", "at a chosen minute of hour 2 every day (chosen by the job's name)"},
		{"0 H * * *", "at minute 0 of a chosen hour every day (chosen by the job's name)"},
		{"0 H(1-5) * * *", "at minute 0 of a chosen hour from 1 to 5 every day (chosen by the job's name)"},
		{"H H(0-7) * * *", "at a chosen minute of a chosen hour from 0 to 7 every day (chosen by the job's name)"},
		{"H H/4 * * *", "at a chosen minute of every 4th hour, beginning with a chosen one, every day (chosen by the job's name)"},
		{"H 9-17 * * 1-5", "at a chosen minute of hours 9 to 17, Monday to Friday (chosen by the job's name)"},
		{"0 0 H * *", "at 00:00 on a chosen day of the month (chosen by the job's name)"},
		{"H H H * *", "at a chosen minute of a chosen hour on a chosen day of the month (chosen by the job's name)"},
		{"H H 1 * *", "at a chosen minute of a chosen hour on the 1st of the month (chosen by the job's name)"},
		{"0 0 H(1-7) * *", "at 00:00 on a chosen day from the 1st to the 7th of the month (chosen by the job's name)"},
		{"0 0 H/10 * *", "at 00:00 on every 10th day, beginning with a chosen one, of the month (chosen by the job's name)"},
		{"0 0 * H *", "every day in a chosen month at 00:00 (chosen by the job's name)"},
		{"0 0 1 H *", "at 00:00 on the 1st of a chosen month (chosen by the job's name)"},
		{"0 0 1 H(1-6) *", "at 00:00 on the 1st of a chosen month from January to June (chosen by the job's name)"},
		{"0 0 * * H", "at 00:00 on a chosen day of the week (chosen by the job's name)"},
		{"H H * * H", "at a chosen minute of a chosen hour on a chosen day of the week (chosen by the job's name)"},
		{"0 9 * * H(1-5)", "at 09:00 on a chosen day of the week from Monday to Friday (chosen by the job's name)"},
		{"0 9 * * H(mon-fri)", "at 09:00 on a chosen day of the week from Monday to Friday (chosen by the job's name)"},
		{"0 9 H * 5", "at 09:00 on a chosen day of the month as well as on Friday (chosen by the job's name)"},
		{"H,30 * * * *", "at a chosen minute and 30 of every hour (chosen by the job's name)"},
		{"H H * * * *", "at a chosen second of a chosen minute of every hour (chosen by the job's name)"},
		{"H H H * * *", "at a chosen second of a chosen minute of a chosen hour every day (chosen by the job's name)"},
		{"H/10 * * * * *", "at every 10th second, beginning with a chosen one, of every minute of every hour (chosen by the job's name)"},
		{"H 0 9 * * * 2026", "at a chosen second of minute 0 of hour 9 every day in 2026 (chosen by the job's name)"},
		{"H H * * 0", "at a chosen minute of a chosen hour on Sunday (chosen by the job's name)"},
		{"CRON_TZ=Europe/Paris H H * * *", "at a chosen minute of a chosen hour every day (chosen by the job's name) (Europe/Paris)"},
		{"@reboot", `crontab "@reboot"`},
		{"nonsense", `crontab "nonsense"`},
	}
	require.Greater(t, len(lines), 200)
	for _, x := range lines {
		require.Equal(t, x[1], gocron.Describe(gocron.CronJobSchedule{Crontab: x[0]}), x[0])
	}
}

func TestDescribe_otherKinds(t *testing.T) {
	clocks := func(times ...string) (list []time.Time) {
		for _, s := range times {
			at, err := time.Parse(time.RFC3339, "2026-03-02T"+s+"Z")
			require.NoError(t, err)
			list = append(list, at)
		}
		return list
	}
	nine, two := clocks("09:00:00"), clocks("09:00:00", "17:30:05")
	many := clocks("01:00:00", "02:00:00", "03:00:00", "04:00:00", "05:00:00", "06:00:00", "07:00:00")
	for _, x := range []struct {
		schedule gocron.JobSchedule
		want     string
	}{
		{nil, ""},
		{gocron.DurationJobSchedule{Duration: time.Hour}, "every hour"},
		{gocron.DurationJobSchedule{Duration: 2 * time.Hour}, "every 2 hours"},
		{gocron.DurationJobSchedule{Duration: time.Second}, "every second"},
		{gocron.DurationJobSchedule{Duration: 90 * time.Second}, "every 1 minute and 30 seconds"},
		{gocron.DurationJobSchedule{Duration: 24 * time.Hour}, "every 24 hours"},
		{gocron.DurationJobSchedule{Duration: 25*time.Hour + time.Minute + time.Second}, "every 25 hours, 1 minute and 1 second"},
		{gocron.DurationJobSchedule{Duration: 1500 * time.Millisecond}, "every 1.5s"},
		{gocron.DurationJobSchedule{Duration: time.Nanosecond}, "every 1ns"},
		{gocron.DurationJobSchedule{Duration: math.MaxInt64}, "every 2562047h47m16.854775807s"},
		{gocron.DurationRandomJobSchedule{Min: time.Minute, Max: 5 * time.Minute}, "every 1 minute to 5 minutes, at random"},
		{gocron.DailyJobSchedule{Interval: 1, AtTimes: nine}, "every day at 09:00"},
		{gocron.DailyJobSchedule{Interval: 3, AtTimes: two}, "every 3 days at 09:00 and 17:30:05"},
		{gocron.DailyJobSchedule{Interval: 1, AtTimes: clocks("09:00:00", "09:00:00")}, "every day at 09:00"},
		{gocron.DailyJobSchedule{Interval: 1, AtTimes: many}, "every day at 7 times from 01:00 to 07:00"},
		{gocron.WeeklyJobSchedule{Interval: 1, DaysOfWeek: []time.Weekday{time.Monday}, AtTimes: nine}, "every week on Monday at 09:00"},
		{gocron.WeeklyJobSchedule{Interval: 2, DaysOfWeek: []time.Weekday{time.Monday}, AtTimes: nine}, "every 2 weeks on Monday at 09:00"},
		{gocron.WeeklyJobSchedule{Interval: 1, DaysOfWeek: []time.Weekday{0, 6}, AtTimes: nine}, "every week on Saturday and Sunday at 09:00"},
		{gocron.WeeklyJobSchedule{Interval: 1, DaysOfWeek: []time.Weekday{1, 2, 3, 4, 12}, AtTimes: two}, "every week on Monday to Friday at 09:00 and 17:30:05"},
		{gocron.WeeklyJobSchedule{Interval: 1, DaysOfWeek: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, AtTimes: nine}, "every week on each day at 09:00"},
		{gocron.MonthlyJobSchedule{Interval: 1, Days: []int{1, 15}, DaysFromEnd: []int{-1}, AtTimes: nine}, "every month on the 1st, the 15th and the last day at 09:00"},
		{gocron.MonthlyJobSchedule{Interval: 3, Days: []int{1, 2, 3, 31}, DaysFromEnd: []int{-31, -2}, AtTimes: nine},
			"every 3 months on the 1st to the 3rd, the 31st, the 31st to last day and the 2nd to last day at 09:00"},
		{gocron.MonthlyWeekdayJobSchedule{Interval: 1, NthWeekdays: []gocron.NthWeekday{{N: 2, Weekday: time.Tuesday}}, AtTimes: nine}, "every month on the 2nd Tuesday at 09:00"},
		{gocron.MonthlyWeekdayJobSchedule{Interval: 2, NthWeekdays: []gocron.NthWeekday{{N: 1, Weekday: time.Monday}, {N: 3, Weekday: time.Monday}, {N: -1, Weekday: time.Friday}}, AtTimes: nine},
			"every 2 months on the 1st Monday, the 3rd Monday and the last Friday at 09:00"},
		{gocron.OneTimeJobSchedule{}, "once, immediately"},
		{gocron.OneTimeJobSchedule{StartAt: clocks("10:00:00")}, "once, at 2026-03-02T10:00:00Z"},
		{gocron.OneTimeJobSchedule{StartAt: clocks("10:00:00", "11:00:00")}, "at 2026-03-02T10:00:00Z and 2026-03-02T11:00:00Z"},
		{gocron.OneTimeJobSchedule{StartAt: many}, "at 2026-03-02T01:00:00Z, 2026-03-02T02:00:00Z, 2026-03-02T03:00:00Z, 2026-03-02T04:00:00Z, " +
			"2026-03-02T05:00:00Z, 2026-03-02T06:00:00Z and 1 more until 2026-03-02T07:00:00Z"},
		{gocron.CronJobSchedule{}, `crontab ""`},
		{ownSchedule{}, "as messages_test.ownSchedule says"},
		{wordySchedule{}, "now and then"},
		// Values that no job has.
		{gocron.DailyJobSchedule{}, "every 0 days"},
		{gocron.WeeklyJobSchedule{}, "every 0 weeks"},
		{gocron.MonthlyJobSchedule{Days: []int{-7, 99}, DaysFromEnd: []int{0}}, "every 0 months"},
		{gocron.MonthlyWeekdayJobSchedule{}, "every 0 months"},
		{gocron.DurationJobSchedule{Duration: -time.Hour}, "every -1h0m0s"},
	} {
		require.Equal(t, x.want, gocron.Describe(x.schedule), "%#v", x.schedule)
	}
}

type ownSchedule struct{}

func (ownSchedule) JobType() gocron.JobType { return 1000 }

type wordySchedule struct{ ownSchedule }

func (wordySchedule) String() string { return "now and then" }

func explainedSchedule(t *testing.T, s gocron.Scheduler, j gocron.Job) string {
	t.Helper()
	e, err := gocron.NewController(s).Explain(j.ID())
	require.NoError(t, err)
	return e.Schedule
}

// What an H stands for is known where the job is.
func TestDescribe_whatAJobsNameDecides(t *testing.T) {
	s := rig.NewScheduler(t, gocron.WithLocation(time.UTC))
	s.Start()
	daily := rig.MustJob(t, s, gocron.CronJob("H H * * *", false), rig.Noop, gocron.WithName("report"))
	require.Equal(t, "every day at "+rig.NextOf(t, daily).Format("15:04"), explainedSchedule(t, s, daily))
	require.Equal(t, "at a chosen minute of a chosen hour every day (chosen by the job's name)", gocron.Describe(daily.Schedule()))

	hourly := rig.MustJob(t, s, gocron.CronJob("H 9-17 * * mon-fri", false), rig.Noop, gocron.WithName("reports"))
	minute := rig.NextOf(t, hourly).Format("04")
	require.Equal(t, "every hour from 09:"+minute+" to 17:"+minute+", Monday to Friday", explainedSchedule(t, s, hourly))
}

func TestDescribe_explained(t *testing.T) {
	s := rig.NewScheduler(t)
	job := rig.MustJob(t, s, gocron.CronJob("0 8 * * *", false), rig.Noop)
	require.Equal(t, "every day at 08:00", explainedSchedule(t, s, job))
	_, err := s.Update(job.ID(), gocron.DailyJob(1, rig.AtClock(9, 0)), gocron.NewTask(rig.Noop))
	require.NoError(t, err)
	require.Equal(t, "every day at 09:00", explainedSchedule(t, s, job))

	own := rig.MustJob(t, s, gocron.CronJob("* * * * *", false), rig.Noop, gocron.WithCronImplementation(rig.HourlyCron(rig.Noop)))
	require.Equal(t, `crontab "* * * * *", as a Cron of the user's reads it`, explainedSchedule(t, s, own))
}
