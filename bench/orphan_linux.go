package main

import "syscall"

// endWithParent has the kernel end a process when the one that started it dies.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
