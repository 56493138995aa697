package main

// Files: written whole or not at all, synced, so that neither a reader nor a power cut meets half of one.

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

func read(r request) (any, error) {
	text, err := os.ReadFile(r.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return string(text), err
}

func list(r request) (any, error) {
	entries, _ := os.ReadDir(r.Path)
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, nil
}

func makeFolder(r request) (any, error) {
	return nil, os.MkdirAll(r.Path, 0o700)
}

// looked is the port's Looked, as JSON.
type looked struct {
	Kind       string  `json:"kind"`
	Bytes      int64   `json:"bytes"`
	ModifiedMs int64   `json:"modifiedMs"`
	Text       *string `json:"text"`
	Code       string  `json:"code"`
	Message    string  `json:"message"`
}

func look(r request) (any, error) {
	all := []looked{}
	for _, path := range r.Paths {
		all = append(all, lookAt(path, r.Limit))
	}
	return all, nil
}

// lookAt looks before it opens: a pipe in a file's place would be waited for without end.
func lookAt(path string, limit int64) looked {
	found, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return looked{Kind: "none"}
	case err != nil:
		return looked{Kind: "unreadable", Code: codeOf(err), Message: err.Error()}
	case found.IsDir():
		return looked{Kind: "folder"}
	case !found.Mode().IsRegular():
		return looked{Kind: "other"}
	}
	file := looked{Kind: "file", Bytes: found.Size(), ModifiedMs: found.ModTime().UnixMilli()}
	if found.Size() > limit {
		return file
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return looked{Kind: "unreadable", Code: codeOf(err), Message: err.Error()}
	}
	whole := string(text)
	file.Text = &whole
	return file
}

// stage writes and syncs beside To, and touches it not: what is in the way there is found now and not in the gap.
func stage(r request) (any, error) {
	if names, _ := os.ReadDir(r.To); len(names) > 0 {
		return nil, syscall.ENOTEMPTY
	}
	return nil, writeSynced(r.Path, []byte(r.Text), r.Mode)
}

func writeWhole(path string, text []byte, mode os.FileMode) error {
	aside := path + ".next"
	if err := writeSynced(aside, text, mode); err != nil {
		return err
	}
	return putInPlace(aside, path)
}

func writeSynced(path string, text []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write(text); err != nil {
		return err
	}
	return file.Sync()
}

// putInPlace takes the place of an empty folder too; one with something in it is not natsby's to remove.
func putInPlace(from, to string) error {
	if found, err := os.Lstat(to); err == nil && found.IsDir() {
		if err := os.Remove(to); err != nil {
			return err
		}
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// appendLine starts a line of its own: what a killed writer left without its end must not swallow it.
func appendLine(r request) (any, error) {
	if err := os.MkdirAll(filepath.Dir(r.Path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(r.Path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	line := r.Text + "\n"
	if found, err := file.Stat(); err == nil && found.Size() > 0 {
		last := make([]byte, 1)
		if _, err := file.ReadAt(last, found.Size()-1); err == nil && last[0] != '\n' {
			line = "\n" + line
		}
	}
	if _, err := file.WriteString(line); err != nil {
		return nil, err
	}
	return nil, file.Sync()
}

// writeChunk adds a part of a file that comes from elsewhere; `to` names its place with the last part.
func writeChunk(r request) (any, error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if r.First {
		if err := os.MkdirAll(filepath.Dir(r.Path), 0o700); err != nil {
			return nil, err
		}
		flags |= os.O_TRUNC
	}
	file, err := os.OpenFile(r.Path, flags, r.Mode)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if _, err := file.Write(r.Data); err != nil || r.To == "" {
		return nil, err
	}
	if err := errors.Join(file.Chmod(r.Mode), file.Sync()); err != nil {
		return nil, err
	}
	return nil, putInPlace(r.Path, r.To)
}
