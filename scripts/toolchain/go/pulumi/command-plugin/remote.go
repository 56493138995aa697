package main

// Commands on a host that is reached over SSH: one connection a command. One that runs is not ended by a cancel or a
// timeout, as with the real plugin: what must be bounded says so in its own text.

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"golang.org/x/crypto/ssh"
)

type remote struct{}

var remoteShapes = map[resource.PropertyKey]shape{
	"create": aText, "update": aText, "delete": aText, "stdin": aText, "logging": aText,
	"environment": aTextMap, "addPreviousOutputInEnv": aFlag,
}

func (remote) check(inputs resource.PropertyMap) (resource.PropertyMap, []plugin.CheckFailure) {
	checked, failures := checkedConnection(inputs)
	return checked, append(misfits(inputs, remoteShapes), failures...)
}

func (remote) run(
	ctx context.Context, command string, inputs resource.PropertyMap, previous printed, tell teller,
) (printed, error) {
	client, close, err := dial(ctx, inputs, tell)
	if err != nil {
		return previous, err
	}
	defer close()
	session, err := client.NewSession()
	if err != nil {
		return previous, err
	}
	defer session.Close()
	if err := setVariables(session, inputs, previous, tell); err != nil {
		return previous, err
	}
	if stdin, _ := textOf(inputs, "stdin"); stdin != "" {
		session.Stdin = strings.NewReader(stdin)
	}
	return captureRemote(session, command, tell)
}

// setVariables fails where the host lets none in by that name (AcceptEnv); of what was printed before it only warns.
func setVariables(session *ssh.Session, inputs resource.PropertyMap, previous printed, tell teller) error {
	for _, pair := range pairsOf(inputs, "environment") {
		name, value, _ := strings.Cut(pair, "=")
		if err := session.Setenv(name, value); err != nil {
			tell.stays(diag.Error, notAccepted(name))
			return fmt.Errorf("could not set environment variable %q: %w", name, err)
		}
	}
	for _, pair := range previousOf(inputs, previous) {
		name, value, _ := strings.Cut(pair, "=")
		if session.Setenv(name, value) != nil {
			tell.stays(diag.Warning, notAccepted(name))
		}
	}
	return nil
}

func notAccepted(name string) string {
	return fmt.Sprintf("Unable to set '%s'. This only works if your SSH server is configured to accept\n"+
		"\tthese variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could\n"+
		"\tprefix the command itself with the variables in the form 'VAR=value command'", name)
}

// captureRemote runs a command to its end and gives what it printed. Its error quotes all of it.
func captureRemote(session *ssh.Session, command string, tell teller) (printed, error) {
	var all shared
	stdout, stderr := pipeTo(&all, tell.stdout), pipeTo(&all, tell.stderr)
	session.Stdout, session.Stderr = stdout.writeEnd, stderr.writeEnd
	err := session.Run(command)
	result := printed{stdout.rest(), stderr.rest()}
	if err != nil {
		err = fmt.Errorf("%w: running %q:\n%s", err, command, all.String())
	}
	return result, err
}

// piped is one of a session's two streams, read by a goroutine of its own until the session is over.
type piped struct {
	writeEnd *io.PipeWriter
	text     strings.Builder
	finished chan struct{}
}

func pipeTo(all *shared, tell func(line string)) *piped {
	readEnd, writeEnd := io.Pipe()
	p := &piped{writeEnd: writeEnd, finished: make(chan struct{})}
	go func() {
		defer close(p.finished)
		forEachLine(readEnd, io.MultiWriter(all, &p.text), tell)
	}()
	return p
}

// rest gives all of the stream, less one line end.
func (p *piped) rest() string {
	_ = p.writeEnd.Close()
	<-p.finished
	return strings.TrimSuffix(p.text.String(), "\n")
}
