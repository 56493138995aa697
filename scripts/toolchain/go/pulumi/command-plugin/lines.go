package main

// From streams to lines, and from lines to the engine's display.

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// shared takes what two streams write, in the order in which it comes.
type shared struct {
	lock sync.Mutex
	text bytes.Buffer
}

func (s *shared) Write(chunk []byte) (int, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.text.Write(chunk)
}

func (s *shared) String() string {
	s.lock.Lock()
	defer s.lock.Unlock()
	return strings.ToValidUTF8(s.text.String(), "\uFFFD")
}

// forEachLine copies a stream as it comes and tells its lines, the last one also without a line end.
func forEachLine(from io.Reader, copies io.Writer, tell func(line string)) {
	lines := bufio.NewReader(io.TeeReader(from, copies))
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			tell(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
		}
		if err != nil {
			return
		}
	}
}

// teller tells the engine a line of either stream, and what the plugin itself has to say: a passing note, or a message
// that stays.
type teller struct {
	stdout, stderr, note func(line string)
	stays                func(severity diag.Severity, text string)
}

// tellerOf tells what the resource's "logging" asks for: both streams unless it says otherwise. One line is told before
// the next is sent, else they come out of order.
func (p *commandPlugin) tellerOf(urn resource.URN, inputs resource.PropertyMap) teller {
	var order sync.Mutex
	tell := func(line string) {
		order.Lock()
		defer order.Unlock()
		_ = p.engine.LogStatus(context.Background(), diag.Info, urn, line)
	}
	stays := func(severity diag.Severity, text string) {
		order.Lock()
		defer order.Unlock()
		_ = p.engine.Log(context.Background(), severity, urn, text)
	}
	silence := func(string) {}
	switch logging, _ := textOf(inputs, "logging"); logging {
	case "none":
		return teller{silence, silence, tell, stays}
	case "stdout":
		return teller{tell, silence, tell, stays}
	case "stderr":
		return teller{silence, tell, tell, stays}
	default:
		return teller{tell, tell, tell, stays}
	}
}
