// Package shim opens the Terraform provider's internal package: Go lets only modules below its own path import it, so
// this module bears such a path. It adds nothing.
package shim

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// NewProvider makes the resources of one version of the Terraform provider, as that provider's own program does.
func NewProvider(version string) *schema.Provider {
	return provider.New(version)()
}
