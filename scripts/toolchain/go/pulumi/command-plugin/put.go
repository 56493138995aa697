package main

// Files onto a host by SFTP. They are written in place: whoever reads meanwhile may see half of one.

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/sftp"
)

func putText(files *sftp.Client, text, to string) error {
	info, err := statOf(files, to)
	if err != nil {
		return err
	}
	if info != nil && info.IsDir() {
		return fmt.Errorf("remote path %s is a directory; when using a text asset, remotePath must be a file path", to)
	}
	if err := makeParents(files, to); err != nil {
		return err
	}
	return write(files, to, strings.NewReader(text), "failed to write text content to remote path "+to)
}

// putPath copies a file or a folder. What is there already says what "to" means:
//
//	from     | to is a folder | to is not there | to is a file
//	a file   | to/file        | to              | to, overwritten
//	folder   | to/folder      | to/folder       | an error
//	folder/  | what is in it  | what is in it   | an error
func putPath(files *sftp.Client, from, to string) error {
	local, err := os.Open(from)
	if err != nil {
		return err
	}
	defer local.Close()
	info, err := local.Stat()
	if err != nil {
		return err
	}
	there, err := statOf(files, to)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return putFolder(files, from, to, there)
	case there != nil && there.IsDir():
		return putFile(files, from, filepath.Join(to, filepath.Base(from)))
	case there == nil:
		if err := makeParents(files, to); err != nil {
			return err
		}
	}
	return putFile(files, from, to)
}

func putFolder(files *sftp.Client, from, to string, there fs.FileInfo) error {
	if there == nil {
		if err := files.MkdirAll(to); err != nil {
			return fmt.Errorf("failed to create remote directory %s: %w", to, err)
		}
	}
	if !strings.HasSuffix(from, "/") {
		to = filepath.Join(to, filepath.Base(from))
	}
	return fs.WalkDir(os.DirFS(from), ".", func(path string, entry fs.DirEntry, err error) error {
		switch target := filepath.Join(to, path); {
		case err != nil:
			return err
		case entry.IsDir():
			return makeFolder(files, target)
		default:
			return putFile(files, filepath.Join(from, path), target)
		}
	})
}

func makeFolder(files *sftp.Client, path string) error {
	info, err := statOf(files, path)
	if err != nil {
		return err
	}
	if info != nil && !info.IsDir() {
		return fmt.Errorf("remote path %s exists but is not a directory", path)
	}
	if info != nil {
		return nil
	}
	if err := files.Mkdir(path); err != nil {
		return fmt.Errorf("failed to create remote directory %s: %w", path, err)
	}
	return nil
}

func putFile(files *sftp.Client, from, to string) error {
	local, err := os.Open(from)
	if err != nil {
		return err
	}
	defer local.Close()
	return write(files, to, local, fmt.Sprintf("failed to copy file %s to remote path %s", from, to))
}

func write(files *sftp.Client, to string, from io.Reader, failed string) error {
	file, err := files.Create(to)
	if err != nil {
		return fmt.Errorf("failed to create remote file %s: %w", to, err)
	}
	defer file.Close()
	if _, err := file.ReadFrom(from); err != nil {
		return fmt.Errorf("%s: %w", failed, err)
	}
	return nil
}

func makeParents(files *sftp.Client, path string) error {
	if err := files.MkdirAll(filepath.Dir(path)); err != nil {
		return fmt.Errorf("failed to create parent directories for %s: %w", path, err)
	}
	return nil
}

// statOf gives nil for what is not there.
func statOf(files *sftp.Client, path string) (fs.FileInfo, error) {
	info, err := files.Stat(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("failed to stat remote path %s: %w", path, err)
	}
	if err != nil {
		return nil, nil
	}
	return info, nil
}
