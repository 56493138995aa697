package main

// Locks that the kernel frees when this process ends, and writes that are made only while the guard's record is the very
// text that was judged: between the judgement and the write nobody else can have claimed.

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	retryEvery = 5 * time.Millisecond
	guardWait  = 5000
)

var (
	holding sync.Mutex
	held    = map[string]*os.File{}
)

// lock answers whether it is held now; the lock of another connection is waited for.
func lock(r request) (any, error) {
	file, err := acquire(r.Lock, r.WithinMs)
	if file == nil || err != nil {
		return false, err
	}
	holding.Lock()
	defer holding.Unlock()
	held[r.Lock] = file
	return true, nil
}

func unlock(r request) (any, error) {
	holding.Lock()
	defer holding.Unlock()
	file := held[r.Lock]
	delete(held, r.Lock)
	if file == nil {
		return nil, nil
	}
	return nil, file.Close()
}

func acquire(path string, withinMs int) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for until := time.Now().Add(time.Duration(withinMs) * time.Millisecond); ; time.Sleep(retryEvery) {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if err != syscall.EWOULDBLOCK || time.Now().After(until) {
			file.Close()
			if err == syscall.EWOULDBLOCK {
				return nil, nil
			}
			return nil, err
		}
	}
}

// outcome of a write that is guarded: done, or what stands in the guard's record instead of what was judged.
type outcome struct {
	Done   bool    `json:"done"`
	Locked bool    `json:"locked"`
	Seen   *string `json:"seen"`
}

func writeGuarded(r request) (any, error) {
	return guarded(r, func() error { return writeWhole(r.Path, []byte(r.Text), r.Mode) })
}

func placeGuarded(r request) (any, error) {
	return guarded(r, func() error { return putInPlace(r.Path, r.To) })
}

func guarded(r request, work func() error) (any, error) {
	if r.Guard == "" {
		return outcome{Done: true}, work()
	}
	file, err := acquire(r.Lock, guardWait)
	if err != nil {
		return nil, err
	}
	if file == nil {
		return outcome{Locked: true}, nil
	}
	defer file.Close()
	text, err := os.ReadFile(r.Guard)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if now := string(text); (err == nil) != (r.Seen != nil) || (r.Seen != nil && *r.Seen != now) {
		seen := &now
		if err != nil {
			seen = nil
		}
		return outcome{Seen: seen}, nil
	}
	return outcome{Done: true}, work()
}
