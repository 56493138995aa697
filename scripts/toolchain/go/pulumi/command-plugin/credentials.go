package main

// Who we are to a host, and how we know that the host is the one that is meant.

import (
	"fmt"
	"net"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// clientConfig offers the private key first, then the password, then what the agent holds. Close the agent after use.
func clientConfig(connection resource.PropertyMap) (config *ssh.ClientConfig, close func(), err error) {
	user, _ := textOf(connection, "user")
	config = &ssh.ClientConfig{User: user, Timeout: endpointOf(connection).timeout}
	if err := expectHostKey(config, connection); err != nil {
		return nil, nil, err
	}
	if err := offerPrivateKey(config, connection); err != nil {
		return nil, nil, err
	}
	if password, ok := textOf(connection, "password"); ok {
		config.Auth = append(config.Auth, ssh.Password(password), ssh.KeyboardInteractive(alwaysAnswer(password)))
	}
	close, err = offerAgent(config, agentOf(connection))
	return config, close, err
}

// expectHostKey takes any key where none is named, as the real plugin does.
func expectHostKey(config *ssh.ClientConfig, connection resource.PropertyMap) error {
	config.HostKeyCallback = ssh.InsecureIgnoreHostKey()
	text, ok := textOf(connection, "hostKey")
	if !ok {
		return nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil {
		return fmt.Errorf("failed to parse host key: %w", err)
	}
	config.HostKeyCallback, config.HostKeyAlgorithms = ssh.FixedHostKey(key), []string{key.Type()}
	return nil
}

func offerPrivateKey(config *ssh.ClientConfig, connection resource.PropertyMap) error {
	key, ok := textOf(connection, "privateKey")
	if !ok {
		return nil
	}
	signer, err := signerOf(connection, []byte(key))
	if err != nil {
		return err
	}
	config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	return nil
}

func signerOf(connection resource.PropertyMap, key []byte) (ssh.Signer, error) {
	if password, ok := textOf(connection, "privateKeyPassword"); ok {
		return ssh.ParsePrivateKeyWithPassphrase(key, []byte(password))
	}
	return ssh.ParsePrivateKey(key)
}

func alwaysAnswer(password string) ssh.KeyboardInteractiveChallenge {
	return func(_, _ string, questions []string, _ []bool) ([]string, error) {
		answers := make([]string, len(questions))
		for i := range answers {
			answers[i] = password
		}
		return answers, nil
	}
}

func offerAgent(config *ssh.ClientConfig, socket string) (close func(), err error) {
	if socket == "" {
		return func() {}, nil
	}
	connection, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	config.Auth = append(config.Auth, ssh.PublicKeysCallback(agent.NewClient(connection).Signers))
	return func() { _ = connection.Close() }, nil
}
