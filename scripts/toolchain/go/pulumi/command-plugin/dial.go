package main

// From a connection's inputs to an open connection, over a jump host where one is named. Each step is tried again as often
// as its dialErrorLimit lets it; wrong keys too, as the real plugin does it.

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/retry"
	"golang.org/x/crypto/ssh"
)

// dial opens the connection that the inputs name. Close it and what it stands on after use.
func dial(ctx context.Context, inputs resource.PropertyMap, tell teller) (*ssh.Client, func(), error) {
	connection, _ := objectOf(inputs, "connection")
	config, close, err := clientConfig(connection)
	if err != nil {
		return nil, nil, err
	}
	defer close()
	if proxy, ok := objectOf(connection, "proxy"); ok {
		client, close, err := dialOverProxy(ctx, proxy, endpointOf(connection), config, tell)
		if err != nil {
			return nil, nil, fmt.Errorf("proxy: %w", err)
		}
		return client, close, nil
	}
	return dialDirectly(ctx, "Dial", endpointOf(connection), config, tell)
}

func dialDirectly(
	ctx context.Context, what string, to endpoint, config *ssh.ClientConfig, tell teller,
) (*ssh.Client, func(), error) {
	client, err := again(ctx, what, to.limit, tell, func() (*ssh.Client, error) {
		return ssh.Dial("tcp", to.address, config)
	})
	return client, func() { _ = client.Close() }, err
}

func dialOverProxy(
	ctx context.Context, proxy resource.PropertyMap, to endpoint, config *ssh.ClientConfig, tell teller,
) (*ssh.Client, func(), error) {
	proxyConfig, close, err := clientConfig(proxy)
	if err != nil {
		return nil, nil, err
	}
	defer close()
	jump, closeJump, err := dialDirectly(ctx, "Dial proxy", endpointOf(proxy), proxyConfig, tell)
	if err != nil {
		return nil, nil, err
	}
	client, err := dialFrom(ctx, jump, to, config, tell)
	if err != nil {
		closeJump()
		return nil, nil, err
	}
	return client, func() { _ = client.Close(); closeJump() }, nil
}

func dialFrom(
	ctx context.Context, jump *ssh.Client, to endpoint, config *ssh.ClientConfig, tell teller,
) (*ssh.Client, error) {
	through, err := again(ctx, "Dial from proxy", to.limit, tell, func() (net.Conn, error) {
		return jump.Dial("tcp", to.address)
	})
	if err != nil {
		return nil, err
	}
	return again(ctx, "Dial", to.limit, tell, func() (*ssh.Client, error) {
		connection, channels, requests, err := ssh.NewClientConn(through, to.address, config)
		if err != nil {
			return nil, err
		}
		return ssh.NewClient(connection, channels, requests), nil
	})
}

// again tries until it works, the limit is reached, or ctx is done.
func again[T any](ctx context.Context, what string, limit int, tell teller, try func() (T, error)) (T, error) {
	var result T
	ok, _, err := retry.Until(ctx, retry.Acceptor{Accept: func(failed int, _ time.Duration) (bool, any, error) {
		var err error
		if result, err = try(); err == nil {
			return true, nil, nil
		}
		if limit > -1 && failed >= limit {
			return true, nil, fmt.Errorf("after %d failed attempts: %w", failed, err)
		}
		tell.note(fmt.Sprintf("%s %d/%s failed: retrying", what, failed+1, limitText(limit)))
		return false, nil, nil
	}})
	if err == nil && !ok {
		err = ctx.Err()
	}
	return result, err
}

func limitText(limit int) string {
	if limit == -1 {
		return "inf"
	}
	return strconv.Itoa(limit)
}
