// Command bench drives the program over HTTP as phones do and, in turns within
// the same run, its peers: PocketBase with the same fields and six indexes, a
// bare Fiber handler for the same bytes, and the MongoDB driver alone writing
// the same documents in groups. It fills what it needs into a folder of
// its own on the disk, prints a table of rates, latencies and ratios, writes it with a
// plot into a folder, and ends everything it started.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settings are what is measured, and for how long.
type settings struct {
	engines  []string
	requests []string // names; empty: all
	clients  []int
	rounds   int           // of which the median counts
	round    time.Duration // one contender's turn
	tickets  int           // there before anything is measured
	homes    int           // imported to see how much room one takes
	doors    int           // standard addresses to look among
	streams  int           // on one node
	out      string        // folder of the table and the plot
	program  string        // to measure; empty: built from the tree
}

// Processes that are started end with the thread that started them: it is to be the main one.
func init() { runtime.LockOSThread() }

func main() {
	if len(os.Args) > 1 && peers[os.Args[1]] != nil {
		exit(peers[os.Args[1]](os.Args[2:]))
		return
	}
	o, err := parse(os.Args[1:])
	if err != nil {
		exit(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = run(ctx, o)
	if ctx.Err() != nil {
		err = errors.New("stopped; everything that was started has ended")
	}
	exit(err)
}

// peers are what this program is when it is started as a process beside.
var peers = map[string]func(args []string) error{"pocketbase": servePocketBase, "bare": serveBare, "bare-streams": serveBareStreams}

func exit(err error) {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

func parse(args []string) (o settings, err error) {
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	engines := fs.String("engines", "sqlite,mongodb", "engines to measure")
	requests := fs.String("requests", "", "requests to measure, of: "+strings.Join(requestNames(), ",")+"; empty: all")
	clients := fs.String("clients", "1,32,256", "how many connections ask at once")
	quick := fs.Bool("quick", false, "a shorter form: SQLite, 1 and 32 clients, two rounds of half a second, unless other flags say otherwise")
	fs.IntVar(&o.rounds, "rounds", 3, "turns of each contender, of which the median counts")
	fs.DurationVar(&o.round, "round", time.Second, "length of a turn")
	fs.IntVar(&o.tickets, "tickets", 2000, "tickets there before anything is measured")
	fs.IntVar(&o.homes, "homes", 2000, "households imported to see how much room one takes")
	fs.IntVar(&o.doors, "addresses", 1_000_000, "standard addresses that address looks among")
	fs.IntVar(&o.streams, "streams", 10_000, "streams of events on one node")
	fs.StringVar(&o.out, "out", "out", "folder for the table and the plot")
	fs.StringVar(&o.program, "program", "", "wangge to measure; empty: built from the tree above")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if *quick {
		short := map[string]string{"engines": "sqlite", "clients": "1,32", "rounds": "2", "round": "500ms", "tickets": "500", "homes": "500", "addresses": "20000", "streams": "1000"}
		fs.Visit(func(f *flag.Flag) { delete(short, f.Name) })
		for name, value := range short {
			if err := fs.Set(name, value); err != nil {
				return o, err
			}
		}
	}
	o.engines = words(*engines)
	for _, e := range o.engines {
		if e != "sqlite" && e != "mongodb" {
			return o, fmt.Errorf("no engine %q", e)
		}
	}
	for _, name := range words(*requests) {
		if !slices.Contains(requestNames(), name) {
			return o, fmt.Errorf("no request %q; there are %s", name, strings.Join(requestNames(), ", "))
		}
		o.requests = append(o.requests, name)
	}
	for _, text := range words(*clients) {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > accounts {
			return o, fmt.Errorf("clients: %q is not a number from 1 to %d", text, accounts)
		}
		o.clients = append(o.clients, n)
	}
	if o.rounds < 1 || o.round <= 0 || o.tickets < 1 || o.doors < 1 || o.streams < 1 || len(o.clients) == 0 {
		return o, errors.New("there is nothing to measure")
	}
	return o, nil
}

func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

func run(ctx context.Context, o settings) error {
	began := time.Now()
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(o.out, "run-") // not the system's temporary folder, which may lie in memory
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if o.program == "" {
		if o.program, err = build(ctx, dir); err != nil {
			return err
		}
	}
	var all []result
	var notes []string
	for _, engine := range o.engines {
		found, said, err := measure(ctx, o, engine, dir)
		if err != nil {
			return fmt.Errorf("on %s: %w", engine, err)
		}
		all, notes = append(all, found...), append(notes, said...)
	}
	notes = append(notes, fmt.Sprintf("%s; turns of %v, medians of %d; %.0f s in all.", machine(), o.round, o.rounds, time.Since(began).Seconds()))
	return publish(o.out, all, notes)
}
