// Command wangge is the backend of grid management and field outreach: a JSON
// API for the phones of outreach workers and residents, on an embedded SQLite
// file by default and on a MongoDB replica set when a city needs it. This
// package is the only place where the parts are put together.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"wangge/domain/ticket"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr); err != nil {
		for line := range strings.Lines(err.Error()) { // one for each thing that is wrong
			fmt.Fprintln(os.Stderr, "wangge:", strings.TrimRight(line, "\n"))
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
		{"import", "areas FILE.csv | cells FILE.geojson | addresses FILE.csv", "bring areas, grid cells or standard addresses into the store", importFile},
		{"rotate", "personal | tokens", "add a key to a key file and make it the current one; restart the nodes after", rotate},
		{"lifecycle", "", "print the lifecycle of tickets, as a table and a diagram in Markdown", lifecycle},
		{"version", "", "print the version", version},
		{"help", "[COMMAND]", "tell of the commands and settings", help},
	}
}

// run is main without the process: arguments, environment and outputs come from outside.
func run(ctx context.Context, args, environ []string, out, errout io.Writer) error {
	name := "help"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	switch name {
	case "-h", "--help":
		name = "help"
	case "-v", "--version":
		name = "version"
	}
	var names []string
	for _, cmd := range commands() {
		if names = append(names, cmd.name); cmd.name != name {
			continue
		}
		warnUnknown(environ, errout)
		c, rest, err := configure(cmd.name, args, environ, errout)
		if errors.Is(err, errHelp) {
			return help(ctx, c, []string{cmd.name}, out)
		}
		if err != nil {
			return err
		}
		return cmd.run(ctx, c, rest, out)
	}
	if near := nearest(name, names); near != "" {
		return fmt.Errorf("unknown command %q; did you mean %s?", name, near)
	}
	return fmt.Errorf("unknown command %q; see: wangge help", name)
}

// help tells of everything, or of one command.
func help(_ context.Context, _ *config, args []string, out io.Writer) error {
	about := func(cmd command) bool { return len(args) == 0 || cmd.name == args[0] }
	if !slices.ContainsFunc(commands(), about) || len(args) > 1 {
		return fmt.Errorf("no command %q; see: wangge help", strings.Join(args, " "))
	}
	if len(args) == 0 {
		fmt.Fprintln(out, "wangge 网格: grid management and field outreach\n\nCommands (wangge help COMMAND tells of one):")
	}
	for _, cmd := range commands() {
		if about(cmd) {
			fmt.Fprintf(out, "  wangge %-9s %s\n            %s\n", cmd.name, cmd.args, cmd.help)
		}
	}
	heading := "\nSettings (a flag wins over the environment; in brackets who takes it):\n"
	for _, s := range settings {
		if len(args) > 0 && !s.takes(args[0]) {
			continue
		}
		fmt.Fprintf(out, "%s  %-22s %-24s %s", heading, s.flagText(), s.env, s.help)
		if heading = ""; s.fallback != "" {
			fmt.Fprintf(out, " (default %s)", s.fallback)
		}
		fmt.Fprintf(out, " [%s]\n", s.takers())
	}
	return nil
}

func lifecycle(_ context.Context, _ *config, args []string, out io.Writer) error {
	if len(args) > 0 {
		return fmt.Errorf("lifecycle takes no arguments, got %q", args)
	}
	return ticket.Describe(out)
}

func version(_ context.Context, _ *config, args []string, out io.Writer) error {
	if len(args) > 0 {
		return fmt.Errorf("version takes no arguments, got %q", args)
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("built without module information")
	}
	revision := "unknown revision"
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			revision += ", changed"
		}
	}
	fmt.Fprintf(out, "wangge %s (%s, %s)\n", info.Main.Version, revision, info.GoVersion)
	return nil
}
