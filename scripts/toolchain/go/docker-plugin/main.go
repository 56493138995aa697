// Command pulumi-resource-docker is natsby's STAND-IN for Pulumi's plugin "docker" 5.2.0, built where the real one cannot
// be had. It bridges the very Terraform provider that the real one bridges, so that the same things are created, updated
// and replaced; what the real one adds to that provider is refused.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/pkg/v3/resource/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

const (
	name    = "docker"
	version = "5.2.0"
	// noSchema is all that a program needs of a schema: its SDK knows the properties.
	noSchema = `{"name": "` + name + `", "version": "` + version + `"}`
)

func main() {
	bridged := bridge()
	// Without this, every line that the Terraform provider logs would be shown as a warning.
	bridged.P.InitLogging(context.Background())
	err := provider.Main(name, func(engine *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		return standIn{tfbridge.NewProvider(context.Background(), engine, name, version, bridged.P, bridged, []byte(noSchema))}, nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
