package main

// Programs: run to their end and bounded, or become this process with their output in a file.

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// finished is the port's Finished, as JSON.
type finished struct {
	Code     *int   `json:"code"`
	Stdout   string `json:"stdout"`
	Stderr   string `json:"stderr"`
	TimedOut bool   `json:"timedOut"`
}

func runProgram(r request) (any, error) {
	if len(r.Argv) == 0 {
		return nil, errors.New("no program is named")
	}
	command := exec.Command(r.Argv[0], r.Argv[1:]...)
	command.Dir = r.Cwd
	if r.Env != nil {
		command.Env = []string{}
		for name, value := range r.Env {
			command.Env = append(command.Env, name+"="+value)
		}
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	// What it started goes with it.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.WaitDelay = 2 * time.Second
	if err := command.Start(); err != nil {
		return nil, err
	}
	timer := time.AfterFunc(time.Duration(r.WithinMs)*time.Millisecond, func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
	})
	_ = command.Wait()
	ended := finished{Stdout: stdout.String(), Stderr: stderr.String(), TimedOut: !timer.Stop()}
	if code := command.ProcessState.ExitCode(); code >= 0 && !ended.TimedOut {
		ended.Code = &code
	}
	return ended, nil
}

// which says where a program is: whether it could be started in a container of the same image.
func which(r request) (any, error) {
	return exec.LookPath(r.Path)
}

// run FILE PROGRAM …: becomes the program, whose output is added to the file as well on every platform.
func run(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: natsby-helper run FILE PROGRAM …")
	}
	path, err := exec.LookPath(args[1])
	if err != nil {
		return err
	}
	output, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	for _, stream := range []int{1, 2} {
		if err := syscall.Dup3(int(output.Fd()), stream, 0); err != nil {
			return err
		}
	}
	return syscall.Exec(path, args[1:], os.Environ())
}

// signalFirst NUMBER: to the container's own program. `docker kill` would end its restart policy; with an init before
// it, that passes the signal on.
func signalFirst(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: natsby-helper signal NUMBER")
	}
	number, err := strconv.Atoi(args[0])
	if err != nil {
		return fmt.Errorf("%s is no signal: %w", args[0], err)
	}
	return syscall.Kill(1, syscall.Signal(number))
}

// wait does nothing until it is told to end: a container's first program hears only what it listens for.
func wait([]string) error {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT)
	<-told
	return nil
}
