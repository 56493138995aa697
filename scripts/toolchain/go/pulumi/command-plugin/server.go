package main

// The SDK's server, with two omissions of it mended.

import (
	"context"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

type server struct {
	pulumirpc.ResourceProviderServer
}

func newServer(p plugin.Provider) pulumirpc.ResourceProviderServer {
	return server{plugin.NewProviderServer(p)}
}

// Diff says that there is a detailed diff: the SDK's server fills it in and forgets the flag (sdk/v3 v3.274.1), and the
// engine then shows no property of `pulumi preview --diff`. It also forgets that what is deleted may replace.
func (s server) Diff(ctx context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	response, err := s.ResourceProviderServer.Diff(ctx, r)
	if err != nil {
		return nil, err
	}
	response.HasDetailedDiff = len(response.DetailedDiff) > 0
	for path, diff := range response.DetailedDiff {
		if diff.Kind == pulumirpc.PropertyDiff_DELETE && slices.Contains(response.Replaces, path) {
			diff.Kind = pulumirpc.PropertyDiff_DELETE_REPLACE
		}
	}
	return response, nil
}
