module bastion.test/compat

go 1.18

require (
	github.com/pkg/sftp v1.13.7
	golang.org/x/crypto v0.24.0
)

require (
	github.com/kr/fs v0.1.0 // indirect
	golang.org/x/sys v0.21.0 // indirect
)
