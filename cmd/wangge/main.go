// Command wangge is the backend of grid management and field outreach: a JSON
// API for the phones of outreach workers and residents, on an embedded SQLite
// file by default and on a MongoDB replica set when a city needs it. This
// package is the only place where the parts are put together.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "wangge:", err)
		}
		os.Exit(1)
	}
}

// command is one word after wangge.
type command struct {
	name, args, help string
	run              func(ctx context.Context, c *config, args []string, out io.Writer) error
}

func commands() []command {
	return []command{
		{"serve", "", "answer requests until stopped (SIGINT or SIGTERM)", serve},
		{"import", "areas FILE.csv | cells FILE.geojson", "bring areas or grid cells into the store", importFile},
		{"rotate", "personal | tokens", "add a key to a key file and make it the current one; restart the nodes after", rotate},
		{"version", "", "print the version", version},
		{"help", "", "print this text", help},
	}
}

// run is main without the process: arguments, environment and outputs come from outside.
func run(ctx context.Context, args []string, getenv func(string) string, out, errout io.Writer) error {
	name := "help"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	if name == "-h" || name == "--help" {
		name = "help"
	}
	for _, cmd := range commands() {
		if cmd.name != name {
			continue
		}
		c, rest, err := configure(cmd.name, args, getenv, errout)
		if err != nil {
			return err
		}
		return cmd.run(ctx, c, rest, out)
	}
	return fmt.Errorf("unknown command %q; try: wangge help", name)
}

func help(_ context.Context, _ *config, _ []string, out io.Writer) error {
	fmt.Fprintln(out, "wangge 网格: grid management and field outreach\n\nCommands:")
	for _, cmd := range commands() {
		fmt.Fprintf(out, "  wangge %-8s %s\n           %s\n", cmd.name, cmd.args, cmd.help)
	}
	fmt.Fprintln(out, "\nSettings (a flag wins over the environment):")
	for _, s := range settings {
		fmt.Fprintf(out, "  %-22s %-24s %s", s.flagText(), s.env, s.help)
		if s.fallback != "" {
			fmt.Fprintf(out, " (default %s)", s.fallback)
		}
		fmt.Fprintln(out)
	}
	return nil
}

func version(_ context.Context, _ *config, _ []string, out io.Writer) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("built without module information")
	}
	revision := "unknown revision"
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	fmt.Fprintf(out, "wangge %s (%s, %s)\n", info.Main.Version, revision, info.GoVersion)
	return nil
}
