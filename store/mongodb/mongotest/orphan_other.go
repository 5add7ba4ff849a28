//go:build !linux

package mongotest

import (
	"os/exec"
	"syscall"
)

func endWithParent() *syscall.SysProcAttr { return nil }

func startOnLivingThread(cmd *exec.Cmd) error { return cmd.Start() }

func sweepOrphans() {}
