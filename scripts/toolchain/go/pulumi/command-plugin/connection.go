package main

// The input "connection": its shape, its defaults, and how it becomes what SSH needs.

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

var connectionShapes = map[resource.PropertyKey]shape{
	"host": aText, "user": aText, "password": aText, "privateKey": aText, "privateKeyPassword": aText,
	"agentSocketPath": aText, "hostKey": aText, "port": aNumber, "dialErrorLimit": aNumber, "perDialTimeout": aNumber,
}

var connectionDefaults = resource.PropertyMap{
	"user": resource.NewProperty("root"), "port": resource.NewProperty(22.0),
	"dialErrorLimit": resource.NewProperty(10.0), "perDialTimeout": resource.NewProperty(15.0),
}

// checkedConnection puts the defaults in and makes all of it one secret, its keys and passwords too.
func checkedConnection(inputs resource.PropertyMap) (resource.PropertyMap, []plugin.CheckFailure) {
	connection, ok := objectOf(inputs, "connection")
	if !ok {
		return inputs, missingInput(inputs, "connection")
	}
	filled, failures := filledIn(connection)
	if proxy, ok := objectOf(connection, "proxy"); ok {
		filledProxy, more := filledIn(proxy)
		filled["proxy"] = resource.NewProperty(filledProxy)
		failures = append(failures, more...)
	}
	checked := inputs.Copy()
	checked["connection"] = resource.MakeSecret(resource.NewProperty(filled))
	return checked, failures
}

func filledIn(connection resource.PropertyMap) (resource.PropertyMap, []plugin.CheckFailure) {
	filled := connection.Copy()
	for key, value := range connectionDefaults {
		if !filled.HasValue(key) {
			filled[key] = value
		}
	}
	for _, key := range []resource.PropertyKey{"password", "privateKey", "privateKeyPassword"} {
		if value, ok := filled[key]; ok && !value.IsSecret() && !value.IsNull() {
			filled[key] = resource.MakeSecret(value)
		}
	}
	return filled, append(misfits(filled, connectionShapes), missingInput(filled, "host")...)
}

// missingInput is the failure of an input that must be there; one that is not known yet is there.
func missingInput(inputs resource.PropertyMap, key resource.PropertyKey) []plugin.CheckFailure {
	if value := plain(inputs[key]); !value.IsNull() {
		return nil
	}
	return []plugin.CheckFailure{{Property: key, Reason: fmt.Sprintf("Missing required field '%s'", key)}}
}

// endpoint is where to dial and how often.
type endpoint struct {
	address string
	// limit is how many failed tries are let pass; -1 is without end.
	limit   int
	timeout time.Duration
}

func endpointOf(connection resource.PropertyMap) endpoint {
	host, _ := textOf(connection, "host")
	return endpoint{
		address: net.JoinHostPort(host, strconv.Itoa(wholeOf(connection, "port", 22))),
		limit:   wholeOf(connection, "dialErrorLimit", 10),
		timeout: time.Duration(wholeOf(connection, "perDialTimeout", 15)) * time.Second,
	}
}

// agentOf is the agent's socket; by default the one that the CLI's environment names.
func agentOf(connection resource.PropertyMap) string {
	if path, ok := textOf(connection, "agentSocketPath"); ok {
		return path
	}
	return os.Getenv("SSH_AUTH_SOCK")
}
