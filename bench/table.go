package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func (r result) line() string {
	ratio, cpu := "", ""
	if r.cpu > 0 {
		cpu = short(r.cpu)
	}
	if r.ratio > 0 {
		ratio = fmt.Sprintf("%.2f", r.ratio)
	}
	return fmt.Sprintf("| %s | %s | %d | %s | %.0f | %s | %s | %s | %s |", r.engine, r.request, r.clients, r.contender, r.rate, short(r.p50), short(r.p99), cpu, ratio)
}

// short is a time in milliseconds, to three digits or so.
func short(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms < 0.1:
		return fmt.Sprintf("%.3f", ms)
	case ms < 1:
		return fmt.Sprintf("%.2f", ms)
	case ms < 10:
		return fmt.Sprintf("%.1f", ms)
	}
	return fmt.Sprintf("%.0f", ms)
}

func table(all []result, notes []string) string {
	var b strings.Builder
	b.WriteString("| engine | request | clients | who | a second | p50 ms | p99 ms | its CPU ms | wangge ÷ it |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range all {
		b.WriteString(r.line() + "\n")
	}
	b.WriteString("\n")
	for _, n := range notes {
		b.WriteString(n + "\n")
	}
	return b.String()
}

// publish prints the table and writes it into the folder, with a plot.
func publish(dir string, all []result, notes []string) error {
	text := table(all, notes)
	fmt.Print(text)
	if err := os.WriteFile(filepath.Join(dir, "http.md"), []byte(text), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "http.svg"), []byte(plot(all)), 0o644)
}
