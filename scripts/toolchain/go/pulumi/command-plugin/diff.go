package main

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Diff compares old inputs with new ones, path by path. Only triggers that come or go as a whole replace here; for a
// changed trigger the SDK asks the engine to (replaceOnChanges).
func (p *commandPlugin) Diff(_ context.Context, r plugin.DiffRequest) (plugin.DiffResponse, error) {
	paths := plugin.NewDetailedDiffFromObjectDiff(r.OldInputs.Diff(r.NewInputs), true)
	if triggers, ok := paths["triggers"]; ok {
		paths["triggers"] = triggers.ToReplace()
	}
	if len(paths) == 0 {
		return plugin.DiffResponse{Changes: plugin.DiffNone}, nil
	}
	return plugin.DiffResponse{Changes: plugin.DiffSome, DetailedDiff: paths}, nil
}
