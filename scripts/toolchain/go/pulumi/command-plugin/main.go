// Command pulumi-resource-command is natsby's STAND-IN for Pulumi's plugin "command" 1.2.1, built where the real one
// cannot be had. It does what that plugin does for commands here and on other hosts, and for copies to them; it refuses
// everything else and adds nothing.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func main() {
	go endWithParent(os.Getppid())
	err := provider.Main("command", func(engine *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		return newServer(newCommandPlugin(engine)), nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// endWithParent leaves when the CLI is gone. A running command is not ours to judge: it lives on to its own end, as it
// does with the real plugin.
func endWithParent(parent int) {
	for os.Getppid() == parent {
		time.Sleep(500 * time.Millisecond)
	}
	os.Exit(1)
}
