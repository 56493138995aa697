package main

// What the engine asks around the resources. What a resource does is in resource.go.

import (
	"context"
	"errors"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
)

// commandPlugin answers the engine. Methods it does not have are "unimplemented", which the CLI copes with.
type commandPlugin struct {
	plugin.UnimplementedProvider
	engine *provider.HostClient
	kinds  map[tokens.Type]kind
	// ended is done once the engine cancels: no command outlives that. It is no request's context on purpose: a lost
	// engine ends no command.
	ended context.Context
	end   context.CancelFunc
}

func newCommandPlugin(engine *provider.HostClient) *commandPlugin {
	ended, end := context.WithCancel(context.Background())
	kinds := map[tokens.Type]kind{
		"command:local:Command":       command{local{}},
		"command:remote:Command":      command{remote{}},
		"command:remote:CopyToRemote": copyToRemote{},
	}
	return &commandPlugin{engine: engine, kinds: kinds, ended: ended, end: end}
}

func (p *commandPlugin) Handshake(
	context.Context, plugin.ProviderHandshakeRequest,
) (*plugin.ProviderHandshakeResponse, error) {
	return &plugin.ProviderHandshakeResponse{AcceptSecrets: true}, nil
}

func (p *commandPlugin) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	parsed := semver.MustParse(version)
	return plugin.PluginInfo{Version: &parsed}, nil
}

func (p *commandPlugin) CheckConfig(
	_ context.Context, r plugin.CheckConfigRequest,
) (plugin.CheckConfigResponse, error) {
	return plugin.CheckConfigResponse{Properties: r.News}, nil
}

func (p *commandPlugin) DiffConfig(context.Context, plugin.DiffConfigRequest) (plugin.DiffConfigResponse, error) {
	return plugin.DiffConfigResponse{Changes: plugin.DiffNone}, nil
}

func (p *commandPlugin) Configure(context.Context, plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	return plugin.ConfigureResponse{}, nil
}

// SignalCancellation comes at the end of every run, also of a good one.
func (p *commandPlugin) SignalCancellation(context.Context) error {
	p.end()
	return nil
}

func (p *commandPlugin) Invoke(_ context.Context, r plugin.InvokeRequest) (plugin.InvokeResponse, error) {
	return plugin.InvokeResponse{}, errors.New(leftOut(string(r.Tok)))
}

func (p *commandPlugin) GetSchema(context.Context, plugin.GetSchemaRequest) (plugin.GetSchemaResponse, error) {
	return plugin.GetSchemaResponse{}, errors.New(leftOut("its schema"))
}

// kindOf finds what a type of resource does.
func (p *commandPlugin) kindOf(token tokens.Type) (kind, error) {
	if found, ok := p.kinds[token]; ok {
		return found, nil
	}
	return nil, errors.New(leftOut(string(token)))
}
