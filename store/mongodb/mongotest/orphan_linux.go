package mongotest

import (
	"os/exec"
	"runtime"
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
