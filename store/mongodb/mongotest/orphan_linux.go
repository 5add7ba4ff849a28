package mongotest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// endWithParent has the kernel kill the server when the test binary dies, however it dies.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// startOnLivingThread starts the command from a thread that lives as long as
// the process: the kernel's signal is tied to the thread, not the process.
func startOnLivingThread(cmd *exec.Cmd) error {
	err := make(chan error)
	go func() {
		runtime.LockOSThread()
		err <- cmd.Start()
		select {}
	}()
	return <-err
}

// sweepOrphans removes the folders (300 MB each) of test binaries that died
// before they could: the kernel ends their servers, but not their files. Only
// a folder that names its process, when that process is gone, is one.
func sweepOrphans() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	for _, dir := range dirs {
		number, _, named := strings.Cut(strings.TrimPrefix(filepath.Base(dir), prefix), "-")
		pid, err := strconv.Atoi(number)
		if named && err == nil && pid > 0 && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(dir)
		}
	}
}
