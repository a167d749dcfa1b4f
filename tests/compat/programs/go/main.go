// A client made of golang.org/x/crypto/ssh and github.com/pkg/sftp. See clients/library.py for how it is called.
package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func connect() *ssh.Client {
	hostKeys := must(knownhosts.New(os.Getenv("TO_KNOWN_HOSTS")))
	signer := must(ssh.ParsePrivateKey(must(os.ReadFile(os.Getenv("TO_KEY")))))
	config := &ssh.ClientConfig{User: os.Getenv("TO_USER"), Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)}, HostKeyCallback: hostKeys}
	if mib := os.Getenv("TO_REKEY_MIB"); mib != "" {
		config.RekeyThreshold = uint64(number(mib)) << 20
	}
	return must(ssh.Dial("tcp", os.Getenv("TO_HOST")+":22", config))
}

func execute(client *ssh.Client, command string) int {
	session := must(client.NewSession())
	session.Stdin, session.Stdout, session.Stderr = os.Stdin, os.Stdout, os.Stderr
	return status(session.Run(command))
}

func shell(client *ssh.Client) int {
	session := must(client.NewSession())
	session.Stdin, session.Stdout = os.Stdin, os.Stdout
	rows, columns := windowSize()
	check(session.RequestPty(os.Getenv("TERM"), rows, columns, ssh.TerminalModes{}))
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	go func() {
		for range resized {
			check(session.WindowChange(windowSize()))
		}
	}()
	stty("raw", "-echo")
	check(session.Shell())
	return status(session.Wait())
}

func upload(client *ssh.Client, source, target string) {
	files := must(sftp.NewClient(client))
	defer files.Close()
	from, to := must(os.Open(source)), must(files.Create(target))
	must(to.ReadFrom(from))
	check(to.Close())
}

func download(client *ssh.Client, source, target string) {
	files := must(sftp.NewClient(client))
	defer files.Close()
	from, to := must(files.Open(source)), must(os.Create(target))
	must(from.WriteTo(to))
	check(to.Close())
}

func forward(listener net.Listener, dial func() (net.Conn, error)) {
	for {
		here := must(listener.Accept())
		there := must(dial())
		go pass(here, there)
		go pass(there, here)
	}
}

func pass(from, to net.Conn) {
	io.Copy(to, from)
	to.(interface{ CloseWrite() error }).CloseWrite()
}

func echo(client *ssh.Client, size int) bool {
	sent := make([]byte, size)
	must(rand.Read(sent))
	session := must(client.NewSession())
	session.Stdin = bytes.NewReader(sent)
	return bytes.Equal(must(session.Output("cat")), sent)
}

func stay(client *ssh.Client, seconds string) int {
	go func() {
		for range time.Tick(time.Second) {
			_, _, err := client.SendRequest("keepalive@openssh.com", true, nil)
			check(err)
		}
	}()
	return execute(client, "sleep "+seconds+"; hostname")
}

// run is the verb's exit status.
func run(client *ssh.Client, verb string, words []string) int {
	switch verb {
	case "execute":
		return execute(client, words[0])
	case "shell":
		return shell(client)
	case "upload":
		atOnce(len(words)/2, func(i int) { upload(client, words[2*i], words[2*i+1]) })
	case "download":
		atOnce(len(words)/2, func(i int) { download(client, words[2*i], words[2*i+1]) })
	case "local_forward":
		near, far := "127.0.0.1:"+words[0], "127.0.0.1:"+words[1]
		forward(must(net.Listen("tcp", near)), func() (net.Conn, error) { return client.Dial("tcp", far) })
	case "remote_forward":
		far, near := "127.0.0.1:"+words[0], "127.0.0.1:"+words[1]
		forward(must(client.Listen("tcp", far)), func() (net.Conn, error) { return net.Dial("tcp", near) })
	case "echo":
		given := make([]bool, number(words[0]))
		atOnce(len(given), func(i int) { given[i] = echo(client, number(words[1])) })
		fmt.Println(count(given))
	case "stay":
		return stay(client, words[0])
	default:
		log.Fatalf("no verb %q", verb)
	}
	return 0
}

func main() {
	log.SetFlags(0)
	if os.Args[1] == "version" {
		build, _ := debug.ReadBuildInfo()
		for _, module := range build.Deps {
			if module.Path == "golang.org/x/crypto" {
				fmt.Println(module.Path, module.Version)
			}
		}
		return
	}
	os.Exit(run(connect(), os.Args[1], os.Args[2:]))
}

func status(err error) int {
	var exit *ssh.ExitError
	if errors.As(err, &exit) {
		return exit.ExitStatus()
	}
	check(err)
	return 0
}

func stty(words ...string) []byte {
	command := exec.Command("stty", words...)
	command.Stdin = os.Stdin
	return must(command.Output())
}

func windowSize() (rows, columns int) {
	must(fmt.Sscan(string(stty("size")), &rows, &columns))
	return rows, columns
}

func atOnce(times int, do func(int)) {
	var group sync.WaitGroup
	for i := 0; i < times; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			do(i)
		}(i)
	}
	group.Wait()
}

func count(given []bool) (good int) {
	for _, each := range given {
		if each {
			good++
		}
	}
	return good
}

func number(word string) int { return must(strconv.Atoi(word)) }

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
