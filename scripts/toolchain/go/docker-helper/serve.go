package main

// One connection: a request a line on stdin, an answer a line on stdout, in any order. All that it holds is freed when
// stdin ends, also because whoever asked was killed.

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
)

type request struct {
	Id int    `json:"id"`
	Do string `json:"do"`
	// What it is about; each request has some of these.
	Path     string            `json:"path"`
	Paths    []string          `json:"paths"`
	To       string            `json:"to"`
	Text     string            `json:"text"`
	Data     []byte            `json:"data"`
	Mode     os.FileMode       `json:"mode"`
	First    bool              `json:"first"`
	Lock     string            `json:"lock"`
	WithinMs int               `json:"withinMs"`
	Seen     *string           `json:"seen"`
	Guard    string            `json:"guard"`
	Argv     []string          `json:"argv"`
	Cwd      string            `json:"cwd"`
	Env      map[string]string `json:"env"`
	Limit    int64             `json:"limit"`
	Number   int               `json:"number"`
}

type answer struct {
	Id     int    `json:"id"`
	Result any    `json:"result"`
	Error  *fault `json:"error,omitempty"`
}

// fault is an error by errno's name, where it has one.
type fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

var doings = map[string]func(request) (any, error){
	"append": appendLine,
	"chunk":  writeChunk,
	"list":   list,
	"lock":   lock,
	"look":   look,
	"mkdir":  makeFolder,
	"move":   func(r request) (any, error) { return nil, os.Rename(r.Path, r.To) },
	"place":  placeGuarded,
	"read":   read,
	"remove": func(r request) (any, error) { return nil, os.RemoveAll(r.Path) },
	"run":    runProgram,
	"signal": func(r request) (any, error) { return nil, syscall.Kill(1, syscall.Signal(r.Number)) },
	"stage":  stage,
	"unlock": unlock,
	"which":  which,
	"write":  writeGuarded,
}

func serve([]string) error {
	var writing sync.Mutex
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	in := bufio.NewReaderSize(os.Stdin, 1<<16)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var asked request
		if err := json.Unmarshal(line, &asked); err != nil {
			return err
		}
		go func() {
			done := answerTo(asked)
			writing.Lock()
			defer writing.Unlock()
			_ = out.Encode(done)
		}()
	}
}

func answerTo(asked request) answer {
	do, ok := doings[asked.Do]
	if !ok {
		return answer{Id: asked.Id, Error: &fault{"unknown", "this natsby-helper cannot " + asked.Do}}
	}
	result, err := do(asked)
	if err != nil {
		return answer{Id: asked.Id, Error: &fault{codeOf(err), err.Error()}}
	}
	return answer{Id: asked.Id, Result: result}
}

var codes = map[syscall.Errno]string{
	syscall.EACCES: "EACCES", syscall.EDQUOT: "EDQUOT", syscall.EISDIR: "EISDIR", syscall.ELOOP: "ELOOP",
	syscall.ENOENT: "ENOENT", syscall.ENOSPC: "ENOSPC", syscall.ENOTDIR: "ENOTDIR", syscall.ENOTEMPTY: "ENOTEMPTY",
	syscall.EPERM: "EPERM", syscall.EROFS: "EROFS",
}

func codeOf(err error) string {
	var number syscall.Errno
	if errors.As(err, &number) {
		return codes[number]
	}
	return ""
}
