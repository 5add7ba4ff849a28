package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const patience = 10 * time.Minute // of starting: the demonstration is filled

// process is one that was started here.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
	said  *tail
}

// start starts a command that ends when this process does.
func start(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, ended: make(chan struct{}), said: &tail{}}
	cmd.Stderr = p.said
	if cmd.Stdout == nil {
		cmd.Stdout = p.said
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us, who end it in order
	endWithParent(cmd.SysProcAttr)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() { _ = cmd.Wait(); close(p.ended) }()
	return p, nil
}

// stop ends the process as an operator would, and by force when it does not.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// cpu is the processor time that the process has used, where the system tells it.
func (p *process) cpu() time.Duration {
	const ticks = 100 // a second, on Linux
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / ticks
}

// answers waits until something listens at the address.
func (p *process) answers(ctx context.Context, address string) error {
	for began := time.Now(); time.Since(began) < patience; {
		if c, err := net.Dial("tcp", address); err == nil {
			return c.Close()
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended: %s", p.cmd.Path, p.said)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New(p.cmd.Path + " does not answer")
}

// tail keeps the last of what a process says.
type tail struct{ buf bytes.Buffer }

func (t *tail) Write(b []byte) (int, error) {
	if t.buf.Len() > 64<<10 {
		t.buf.Reset()
	}
	return t.buf.Write(b)
}

func (t *tail) String() string { return t.buf.String() }

// free is an address of loopback that nobody listens at.
func free() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "127.0.0.1:0"
	}
	defer l.Close()
	return l.Addr().String()
}

// root is the folder of the program's own module, above this one's.
func root() string {
	_, here, _, _ := runtime.Caller(0)
	if filepath.IsAbs(here) {
		return filepath.Dir(filepath.Dir(here))
	}
	wd, _ := os.Getwd() // built with -trimpath: run in its folder
	return filepath.Dir(wd)
}

// build builds the program as it is served.
func build(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "wangge")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "./cmd/wangge")
	cmd.Dir = root()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building wangge: %w\n%s", err, out)
	}
	return path, nil
}

// program is wangge, served from a folder of its own.
type program struct {
	path, data, address, store string
	running                    *process
	receiver                   *receiver
	more, environ              []string // settings of some measurements
}

// begin starts it, with the demonstration on the first start, and with limits that nobody meets.
func (p *program) begin(ctx context.Context) error {
	const many = "1000000000"
	cmd := exec.Command(p.path, "serve", "--demo", "--data", p.data, "--listen", p.address, "--log-level", "info", "--trusted-proxies", "127.0.0.1",
		"--reports-per-hour", many, "--network-reports-per-hour", many, "--staff-reports-per-hour", many, "--writes-per-hour", many,
		"--webhook-hosts", "http://"+p.receiver.address, "--webhook-private", "127.0.0.1/32")
	if p.store != "" {
		cmd.Args = append(cmd.Args, "--store", p.store)
	}
	cmd.Args, cmd.Env = append(cmd.Args, p.more...), append(os.Environ(), p.environ...)
	var err error
	if p.running, err = start(cmd); err != nil {
		return err
	}
	return p.running.answers(ctx, p.address)
}

// size is what a folder takes on the disk.
func size(dir string) (total int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				total += info.Size()
			}
		}
		return nil
	})
	return total
}

// machine says what this was measured on.
func machine() string {
	model := runtime.GOARCH
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close()
		for lines := bufio.NewScanner(io.LimitReader(f, 64<<10)); lines.Scan(); {
			if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	load := ""
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = ", load at the end " + strings.Fields(string(text))[0]
	}
	return fmt.Sprintf("%d cores of %s, %s%s; clients, program and peers share them", runtime.NumCPU(), model, runtime.Version(), load)
}
