package main

// The SDK's server, with one omission of it mended.

import (
	"context"

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
// engine then shows no property of `pulumi preview --diff`.
func (s server) Diff(ctx context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	response, err := s.ResourceProviderServer.Diff(ctx, r)
	if response != nil {
		response.HasDetailedDiff = len(response.DetailedDiff) > 0
	}
	return response, err
}
