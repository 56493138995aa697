package main

// A copy of a file, a folder or a text to a host. It is copied again only when its content or its place changed, and what
// was copied stays there when the resource goes: as with the real plugin.

import (
	"context"

	"github.com/pkg/sftp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

type copyToRemote struct{}

var copyShapes = map[resource.PropertyKey]shape{"remotePath": aText}

func (copyToRemote) check(inputs resource.PropertyMap) (resource.PropertyMap, []plugin.CheckFailure) {
	checked, failures := checkedConnection(inputs)
	failures = append(failures, misfits(inputs, copyShapes)...)
	failures = append(failures, missingInput(inputs, "remotePath")...)
	failures = append(failures, missingInput(inputs, "source")...)
	if reason := againstSource(plain(inputs["source"])); reason != "" {
		failures = append(failures, plugin.CheckFailure{Property: "asset", Reason: reason})
	}
	return checked, failures
}

// againstSource names why a source cannot be copied: it must lie on this machine, or be a text.
func againstSource(source resource.PropertyValue) string {
	switch {
	case source.IsAsset() && !source.AssetValue().IsPath() && !source.AssetValue().IsText():
		return "asset must be a path-based file asset or a text asset"
	case source.IsArchive() && !source.ArchiveValue().IsPath():
		return "archive must be a path to a file or directory"
	case !source.IsNull() && !source.IsComputed() && !source.IsAsset() && !source.IsArchive():
		return "either asset or archive must be set"
	default:
		return ""
	}
}

// idOf gives no name: the ids of copies are eight hex digits.
func (copyToRemote) idOf(resource.URN) string { return "" }

func (copyToRemote) previewed(inputs resource.PropertyMap) resource.PropertyMap { return inputs }

func (copyToRemote) create(
	ctx context.Context, inputs resource.PropertyMap, tell teller,
) (resource.PropertyMap, error) {
	return inputs, copyOver(ctx, inputs, tell)
}

func (copyToRemote) update(
	ctx context.Context, state, inputs resource.PropertyMap, tell teller,
) (resource.PropertyMap, error) {
	before, _ := textOf(state, "remotePath")
	now, _ := textOf(inputs, "remotePath")
	if before == now && hashOf(state) == hashOf(inputs) {
		return inputs, nil
	}
	return inputs, copyOver(ctx, inputs, tell)
}

func (copyToRemote) remove(context.Context, resource.PropertyMap, teller) error { return nil }

func hashOf(inputs resource.PropertyMap) string {
	switch source := plain(inputs["source"]); {
	case source.IsAsset():
		return source.AssetValue().Hash
	case source.IsArchive():
		return source.ArchiveValue().Hash
	default:
		return ""
	}
}

func copyOver(ctx context.Context, inputs resource.PropertyMap, tell teller) error {
	client, close, err := dial(ctx, inputs, tell)
	if err != nil {
		return err
	}
	defer close()
	files, err := sftp.NewClient(client, sftp.UseConcurrentWrites(true))
	if err != nil {
		return err
	}
	defer files.Close()
	to, _ := textOf(inputs, "remotePath")
	source := plain(inputs["source"])
	switch {
	case source.IsArchive():
		return putPath(files, source.ArchiveValue().Path, to)
	case source.AssetValue().IsText():
		return putText(files, source.AssetValue().Text, to)
	default:
		return putPath(files, source.AssetValue().Path, to)
	}
}
