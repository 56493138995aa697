package main

// The life of a command resource, wherever its commands run: create, update and delete each run one of its commands;
// its outputs are its inputs, stdout and stderr. A preview runs nothing.

import (
	"context"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// place is where commands run: this machine, or a host that is reached over SSH.
type place interface {
	// check names what is wrong with the inputs.
	check(inputs resource.PropertyMap) []plugin.CheckFailure
	// run runs one command to its end, or until ctx is done; tell gets each line as it comes.
	run(ctx context.Context, command string, inputs resource.PropertyMap, previous printed, tell teller) (printed, error)
}

// printed is what a command printed.
type printed struct{ stdout, stderr string }

func (p *commandPlugin) Check(_ context.Context, r plugin.CheckRequest) (plugin.CheckResponse, error) {
	where, err := p.placeOf(r.Type)
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	return plugin.CheckResponse{Properties: r.News, Failures: where.check(r.News)}, nil
}

func (p *commandPlugin) Create(_ context.Context, r plugin.CreateRequest) (plugin.CreateResponse, error) {
	id, err := resource.NewUniqueHexID(r.URN.Name(), 8, 0)
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	if r.Preview {
		return plugin.CreateResponse{ID: id, Properties: previewed(r.Properties)}, nil
	}
	result, err := p.perform(r.URN, r.Timeout, r.Properties, printed{}, "create")
	return plugin.CreateResponse{ID: id, Properties: withPrinted(r.Properties, result)}, err
}

func (p *commandPlugin) Update(_ context.Context, r plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	if r.Preview {
		return plugin.UpdateResponse{Properties: previewed(r.NewInputs)}, nil
	}
	result, err := p.perform(r.URN, r.Timeout, r.NewInputs, printedOf(r.OldOutputs), "update", "create")
	return plugin.UpdateResponse{Properties: withPrinted(r.NewInputs, result)}, err
}

// Delete goes by the state: the command is the one that was there at the last create or update.
func (p *commandPlugin) Delete(_ context.Context, r plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	_, err := p.perform(r.URN, r.Timeout, r.Outputs, printedOf(r.Outputs), "delete")
	return plugin.DeleteResponse{}, err
}

// Read believes the state: a command cannot be asked what it once printed.
func (p *commandPlugin) Read(_ context.Context, r plugin.ReadRequest) (plugin.ReadResponse, error) {
	return plugin.ReadResponse{ReadResult: plugin.ReadResult{ID: r.ID, Inputs: r.Inputs, Outputs: r.State}}, nil
}

// perform runs the first of the commands that the inputs have; with none of them, what was printed before stays.
func (p *commandPlugin) perform(
	urn resource.URN, timeout float64, inputs resource.PropertyMap, previous printed, commands ...resource.PropertyKey,
) (printed, error) {
	where, err := p.placeOf(urn.Type())
	if err != nil {
		return previous, err
	}
	for _, key := range commands {
		if command, ok := textOf(inputs, key); ok {
			ctx, done := p.within(timeout)
			defer done()
			return where.run(ctx, command, inputs, previous, p.tellerOf(urn, inputs))
		}
	}
	return previous, nil
}

// within bounds a command by customTimeouts (0 = none) and by the engine's cancel.
func (p *commandPlugin) within(seconds float64) (context.Context, context.CancelFunc) {
	if seconds <= 0 {
		return p.ended, func() {}
	}
	return context.WithTimeout(p.ended, time.Duration(seconds*float64(time.Second)))
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
func previewed(inputs resource.PropertyMap) resource.PropertyMap {
	outputs := inputs.Copy()
	outputs["stdout"] = resource.MakeComputed(resource.NewProperty(""))
	outputs["stderr"] = resource.MakeComputed(resource.NewProperty(""))
	return outputs
}
