package main

// What only the container's network reaches.

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

const patience = 2 * time.Second

// health ADDRESS PORT: whether a nats-server greets there. It does so before any login, with TLS as without.
func health(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: natsby-helper health ADDRESS PORT")
	}
	connection, err := net.DialTimeout("tcp", net.JoinHostPort(args[0], args[1]), patience)
	if err != nil {
		return err
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(patience))
	line, err := bufio.NewReader(connection).ReadString(' ')
	if err == nil && !strings.HasPrefix(line, "INFO") {
		err = errors.New("what answers there is no nats-server")
	}
	return err
}

// dial ADDRESS PORT: stdin and stdout become a connection to it.
func dial(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: natsby-helper dial ADDRESS PORT")
	}
	connection, err := net.DialTimeout("tcp", net.JoinHostPort(args[0], args[1]), patience)
	if err != nil {
		return err
	}
	defer connection.Close()
	// Whoever asked may have said all and still listen; when the other end has closed, nothing more can come.
	go func() {
		_, _ = io.Copy(connection, os.Stdin)
		_ = connection.(*net.TCPConn).CloseWrite()
	}()
	_, err = io.Copy(os.Stdout, connection)
	return err
}
