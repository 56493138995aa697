package main

// What a process prints: kept as outputs, kept in order for the error, told line by line as it comes.

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// graceAfterEnd is how long an ended command's pipes may stay open: a child that left its group can hold them for ever.
const graceAfterEnd = time.Second

// capture runs a process to its end and gives what it printed. Its error quotes all of it.
func capture(ctx context.Context, cmd *exec.Cmd, command string, tell teller) (printed, error) {
	var all shared
	stdout, err := follow(&all, tell.stdout)
	if err != nil {
		return printed{}, err
	}
	stderr, err := follow(&all, tell.stderr)
	if err != nil {
		return printed{}, err
	}
	cmd.Stdout, cmd.Stderr = stdout.writeEnd, stderr.writeEnd
	err = cmd.Start()
	closeAll(stdout.writeEnd, stderr.writeEnd)
	if err == nil {
		err = cmd.Wait()
	}
	result := printed{stdout.rest(ctx), stderr.rest(ctx)}
	if err != nil {
		err = fmt.Errorf("%w: running %q:\n%s", err, command, all.String())
	}
	return result, err
}

// stream is one of a process's two, read by a goroutine of its own until nobody holds its other end.
type stream struct {
	readEnd, writeEnd *os.File
	text              bytes.Buffer
	finished          chan struct{}
}

func follow(all *shared, tell func(line string)) (*stream, error) {
	readEnd, writeEnd, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s := &stream{readEnd: readEnd, writeEnd: writeEnd, finished: make(chan struct{})}
	go func() {
		defer close(s.finished)
		forEachLine(readEnd, io.MultiWriter(all, &s.text), tell)
	}()
	return s, nil
}

// rest waits for the stream's end and gives all of it, less one line end.
func (s *stream) rest(ctx context.Context) string {
	select {
	case <-s.finished:
	case <-ctx.Done():
		_ = s.readEnd.SetReadDeadline(time.Now().Add(graceAfterEnd))
		<-s.finished
	}
	closeAll(s.readEnd)
	return strings.TrimSuffix(s.text.String(), "\n")
}

func closeAll(files ...*os.File) {
	for _, file := range files {
		_ = file.Close()
	}
}
