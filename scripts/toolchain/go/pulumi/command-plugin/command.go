package main

// A command resource, wherever its commands run: create, update and delete each run one of its commands; its outputs are
// its inputs, stdout and stderr.

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// command is the kind whose commands run at a place.
type command struct{ place }

// place is where commands run: this machine, or a host that is reached over SSH.
type place interface {
	check(inputs resource.PropertyMap) (resource.PropertyMap, []plugin.CheckFailure)
	// run runs one command to its end, or until ctx is done; tell gets each line as it comes.
	run(ctx context.Context, command string, inputs resource.PropertyMap, previous printed, tell teller) (printed, error)
}

// printed is what a command printed.
type printed struct{ stdout, stderr string }

func (c command) idOf(urn resource.URN) string { return urn.Name() }

func (c command) create(ctx context.Context, inputs resource.PropertyMap, tell teller) (resource.PropertyMap, error) {
	return c.perform(ctx, inputs, printed{}, tell, "create")
}

func (c command) update(
	ctx context.Context, state, inputs resource.PropertyMap, tell teller,
) (resource.PropertyMap, error) {
	return c.perform(ctx, inputs, printedOf(state), tell, "update", "create")
}

func (c command) remove(ctx context.Context, state resource.PropertyMap, tell teller) error {
	_, err := c.perform(ctx, state, printedOf(state), tell, "delete")
	return err
}

// perform runs the first of the commands that the inputs have; with none of them, what was printed before stays.
func (c command) perform(
	ctx context.Context, inputs resource.PropertyMap, previous printed, tell teller, keys ...resource.PropertyKey,
) (resource.PropertyMap, error) {
	for _, key := range keys {
		if text, ok := textOf(inputs, key); ok {
			result, err := c.run(ctx, text, inputs, previous, tell)
			return withPrinted(inputs, result), err
		}
	}
	return withPrinted(inputs, previous), nil
}

func printedOf(state resource.PropertyMap) printed {
	stdout, _ := textOf(state, "stdout")
	stderr, _ := textOf(state, "stderr")
	return printed{stdout, stderr}
}

func withPrinted(inputs resource.PropertyMap, result printed) resource.PropertyMap {
	outputs := inputs.Copy()
	outputs["stdout"] = resource.NewProperty(result.stdout)
	outputs["stderr"] = resource.NewProperty(result.stderr)
	return outputs
}

// previewed knows all but what the command will print.
func (c command) previewed(inputs resource.PropertyMap) resource.PropertyMap {
	outputs := inputs.Copy()
	outputs["stdout"] = resource.MakeComputed(resource.NewProperty(""))
	outputs["stderr"] = resource.MakeComputed(resource.NewProperty(""))
	return outputs
}
