package main

// What each part of the Terraform provider is called in @pulumi/docker. The names, and which of them Pulumi makes up
// where a program gives none, follow from that package's typings.

import (
	"strings"
	"unicode"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	upstream "github.com/terraform-providers/terraform-provider-docker/shim"
)

// otherNames are the resources and functions whose name is not Terraform's in capitals.
var otherNames = map[string]string{
	"docker_image":  "RemoteImage",
	"docker_config": "ServiceConfig",
}

// fields are the properties that the bridge would name or flatten otherwise than the typings do.
var fields = map[string]map[string]*tfbridge.SchemaInfo{
	"docker_container": {
		"command":           {Name: "command"},
		"networks_advanced": {Name: "networksAdvanced"},
	},
	// The name of an image says where to get it: it is never made up.
	"docker_image":          {"name": {Name: "name"}},
	"docker_registry_image": {"name": {Name: "name"}},
}

func bridge() tfbridge.ProviderInfo {
	terraform := sdkv2.NewProvider(upstream.NewProvider(version))
	bridged := tfbridge.ProviderInfo{
		P:       terraform,
		Name:    name,
		Version: version,
		Config: map[string]*tfbridge.SchemaInfo{
			"host": {Default: &tfbridge.DefaultInfo{
				EnvVars: []string{"DOCKER_HOST"},
				Value:   "unix:///var/run/docker.sock",
			}},
			"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()},
		},
		Resources:   map[string]*tfbridge.ResourceInfo{},
		DataSources: map[string]*tfbridge.DataSourceInfo{},
	}
	terraform.ResourcesMap().Range(func(key string, _ shim.Resource) bool {
		bridged.Resources[key] = &tfbridge.ResourceInfo{
			Tok:    tfbridge.MakeResource(name, "index", nameOf(key)),
			Fields: fields[key],
		}
		return true
	})
	// Two containers cannot hold the same name or port at once.
	bridged.Resources["docker_container"].DeleteBeforeReplace = true
	terraform.DataSourcesMap().Range(func(key string, _ shim.Resource) bool {
		bridged.DataSources[key] = &tfbridge.DataSourceInfo{
			Tok: tfbridge.MakeDataSource(name, "index", "get"+nameOf(key)),
		}
		return true
	})
	bridged.SetAutonaming(255, "-")
	return bridged
}

func nameOf(key string) string {
	if other, ok := otherNames[key]; ok {
		return other
	}
	var name strings.Builder
	for _, word := range strings.Split(strings.TrimPrefix(key, "docker_"), "_") {
		for at, letter := range word {
			if at == 0 {
				letter = unicode.ToUpper(letter)
			}
			name.WriteRune(letter)
		}
	}
	return name.String()
}
