// Command natsby-helper is the one program of natsby's in its Docker images: where there is no shell, it writes files
// whole or not at all, holds locks, says whether a server is healthy, signals it, and dials what only its network reaches.
package main

import (
	"fmt"
	"os"
)

// verbs are what it is asked for by `docker exec`, and `wait` as the whole of a container that only holds the files.
var verbs = map[string]func(args []string) error{
	"dial":   dial,
	"health": health,
	"run":    run,
	"serve":  serve,
	"signal": signalFirst,
	"wait":   wait,
}

func main() {
	verb := func([]string) error { return fmt.Errorf("usage: natsby-helper dial|health|run|serve|signal|wait") }
	var args []string
	if len(os.Args) > 1 && verbs[os.Args[1]] != nil {
		verb, args = verbs[os.Args[1]], os.Args[2:]
	}
	if err := verb(args); err != nil {
		fmt.Fprintln(os.Stderr, "natsby-helper:", err)
		os.Exit(1)
	}
}
