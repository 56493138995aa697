module natsby/toolchain/docker-helper

go 1.24
