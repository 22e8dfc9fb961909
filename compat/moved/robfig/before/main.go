package main

import (
	"fmt"
	"log"

	"github.com/robfig/cron/v3"
)

func main() {
	reports := make(chan string, 100)
	c := cron.New(cron.WithSeconds(), cron.WithChain(
		cron.Recover(cron.DefaultLogger),
		cron.SkipIfStillRunning(cron.DiscardLogger),
	))
	id, err := c.AddFunc("*/1 * * * * *", func() { reports <- "report" })
	if err != nil {
		log.Fatal(err)
	}
	if _, err := c.AddFunc("CRON_TZ=Asia/Tokyo 0 30 9 * * mon-fri", func() { log.Print("Tokyo") }); err != nil {
		log.Fatal(err)
	}
	c.Start()
	fmt.Println("entries:", len(c.Entries()))
	fmt.Println(<-reports)
	fmt.Println(<-reports)
	c.Remove(id)
	fmt.Println("still there:", c.Entry(id).Valid())
	<-c.Stop().Done()
	fmt.Println("stopped")
}
