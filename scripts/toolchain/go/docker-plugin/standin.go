package main

// What this stand-in leaves out, and how to get the real one.

import (
	"context"
	"fmt"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// standIn is the bridged provider, and refuses in words what only the real plugin has.
type standIn struct {
	pulumirpc.ResourceProviderServer
}

func (s standIn) Check(ctx context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	if strings.Contains(request.GetUrn(), "docker:index/image:Image::") {
		return nil, leftOut("docker.Image", "docker.RemoteImage with build makes an image as well")
	}
	return s.ResourceProviderServer.Check(ctx, request)
}

// leftOut is the error of every refusal. "--reinstall", because this very file stands where the real one goes.
func leftOut(what, instead string) error {
	return fmt.Errorf("%s is left out of natsby's STAND-IN for the Pulumi plugin %s %s; %s. "+
		"To get the real one: pulumi plugin install resource %s %s --reinstall", what, name, version, instead, name, version)
}
