package main

// Commands on this machine, in the directory where the engine started this plugin: the program's.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

type local struct{}

var localShapes = map[resource.PropertyKey]shape{
	"create": aText, "update": aText, "delete": aText, "dir": aText, "stdin": aText, "logging": aText,
	"interpreter": aTextList, "environment": aTextMap, "addPreviousOutputInEnv": aFlag,
}

func (local) check(inputs resource.PropertyMap) (resource.PropertyMap, []plugin.CheckFailure) {
	failures := misfits(inputs, localShapes)
	for _, key := range []resource.PropertyKey{"assetPaths", "archivePaths"} {
		if inputs.HasValue(key) {
			failures = append(failures, plugin.CheckFailure{Property: key, Reason: leftOut(string(key))})
		}
	}
	return inputs, failures
}

func (local) run(
	ctx context.Context, command string, inputs resource.PropertyMap, previous printed, tell teller,
) (printed, error) {
	argv := append(interpreterOf(inputs), command)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, _ = textOf(inputs, "dir")
	cmd.Env = append(append(os.Environ(), pairsOf(inputs, "environment")...), previousOf(inputs, previous)...)
	if stdin, _ := textOf(inputs, "stdin"); stdin != "" {
		cmd.Stdin = strings.NewReader(stdin)
	}
	endAsGroup(cmd)
	if err := missing(cmd.Dir); err != nil {
		return previous, fmt.Errorf("%w: running %q:\n", err, command)
	}
	return capture(ctx, cmd, command, tell)
}

func interpreterOf(inputs resource.PropertyMap) []string {
	if given := listOf(inputs, "interpreter"); len(given) > 0 {
		return given
	}
	return []string{"/bin/sh", "-c"}
}

// previousOf lets a command see what the last one printed, unless it was asked not to.
func previousOf(inputs resource.PropertyMap, previous printed) []string {
	var pairs []string
	if !flagOf(inputs, "addPreviousOutputInEnv", true) {
		return pairs
	}
	if previous.stdout != "" {
		pairs = append(pairs, "PULUMI_COMMAND_STDOUT="+previous.stdout)
	}
	if previous.stderr != "" {
		pairs = append(pairs, "PULUMI_COMMAND_STDERR="+previous.stderr)
	}
	return pairs
}

// missing says so of a directory that is not there. Go says it only of processes that start without a group of their own.
func missing(dir string) error {
	if dir == "" {
		return nil
	}
	_, err := os.Stat(dir)
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		pathError.Op = "chdir"
	}
	return err
}

// endAsGroup makes an end an end for all that the command started. The real plugin kills the shell only, and then waits
// for whoever still holds its pipes.
func endAsGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
