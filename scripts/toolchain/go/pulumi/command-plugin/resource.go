package main

// The life of a resource, as the engine asks for it: check, create, update, delete, read. A preview does nothing.

import (
	"context"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// kind is what a type of resource does.
type kind interface {
	// check gives the inputs with their defaults, and names what is wrong with them.
	check(inputs resource.PropertyMap) (resource.PropertyMap, []plugin.CheckFailure)
	// idOf begins a new resource's id; eight random digits follow.
	idOf(urn resource.URN) string
	// previewed gives the outputs as far as they are known before anything was done.
	previewed(inputs resource.PropertyMap) resource.PropertyMap
	// create, update and remove do it and give the outputs; until ctx is done, unless it is too late for that.
	create(ctx context.Context, inputs resource.PropertyMap, tell teller) (resource.PropertyMap, error)
	update(ctx context.Context, state, inputs resource.PropertyMap, tell teller) (resource.PropertyMap, error)
	remove(ctx context.Context, state resource.PropertyMap, tell teller) error
}

func (p *commandPlugin) Check(_ context.Context, r plugin.CheckRequest) (plugin.CheckResponse, error) {
	kind, err := p.kindOf(r.Type)
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	inputs, failures := kind.check(r.News)
	return plugin.CheckResponse{Properties: inputs, Failures: failures}, nil
}

func (p *commandPlugin) Create(_ context.Context, r plugin.CreateRequest) (plugin.CreateResponse, error) {
	kind, err := p.kindOf(r.URN.Type())
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	id, err := resource.NewUniqueHexID(kind.idOf(r.URN), 8, 0)
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	if r.Preview {
		return plugin.CreateResponse{ID: id, Properties: kind.previewed(r.Properties)}, nil
	}
	ctx, done := p.within(r.Timeout)
	defer done()
	outputs, err := kind.create(ctx, r.Properties, p.tellerOf(r.URN, r.Properties))
	return plugin.CreateResponse{ID: id, Properties: outputs}, err
}

func (p *commandPlugin) Update(_ context.Context, r plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	kind, err := p.kindOf(r.URN.Type())
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	if r.Preview {
		return plugin.UpdateResponse{Properties: kind.previewed(r.NewInputs)}, nil
	}
	ctx, done := p.within(r.Timeout)
	defer done()
	outputs, err := kind.update(ctx, r.OldOutputs, r.NewInputs, p.tellerOf(r.URN, r.NewInputs))
	return plugin.UpdateResponse{Properties: outputs}, err
}

// Delete goes by the state: what is done is what was there at the last create or update.
func (p *commandPlugin) Delete(_ context.Context, r plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	kind, err := p.kindOf(r.URN.Type())
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	ctx, done := p.within(r.Timeout)
	defer done()
	return plugin.DeleteResponse{}, kind.remove(ctx, r.Outputs, p.tellerOf(r.URN, r.Outputs))
}

// Read believes the state: a command cannot be asked what it once printed.
func (p *commandPlugin) Read(_ context.Context, r plugin.ReadRequest) (plugin.ReadResponse, error) {
	return plugin.ReadResponse{ReadResult: plugin.ReadResult{ID: r.ID, Inputs: r.Inputs, Outputs: r.State}}, nil
}

// within bounds a command by customTimeouts (0 = none) and by the engine's cancel.
func (p *commandPlugin) within(seconds float64) (context.Context, context.CancelFunc) {
	if seconds <= 0 {
		return p.ended, func() {}
	}
	return context.WithTimeout(p.ended, time.Duration(seconds*float64(time.Second)))
}
