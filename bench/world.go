package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// What is measured happens in one street of the demonstration, 平江街道.
const (
	street      = "320508018"
	password    = "wangge-demo" // of the demonstration's sign-ins
	workers     = 32
	dispatchers = 4 // each of whom is told of each report
)

type position struct {
	Lon   float64 `json:"lon"`
	Lat   float64 `json:"lat"`
	Datum string  `json:"datum"`
}

type home struct {
	ID       string   `json:"id"`
	Position position `json:"position"`
	Place    struct {
		Cell struct {
			Code string `json:"code"`
		} `json:"cell"`
	} `json:"place"`
}

// worker is posted in cells of their own, and goes to the households there.
type worker struct {
	token string
	homes []home
	next  atomic.Int64
}

type openStop struct {
	id     string
	worker int
}

// world is the program, filled, with everybody signed in.
type world struct {
	*site
	program     *program
	admin       string
	residents   []string
	dispatchers []string
	workers     []*worker
	cells       []struct {
		Code    string   `json:"code"`
		Centre  position `json:"centre"`
		Version int64    `json:"version"`
	}
	day       string // query of the visits of a busy day
	counter   counter
	addresses int // standard ones that were imported

	mu        sync.Mutex
	tickets   []string      // ids, for reading
	reported  chan string   // ids of tickets that nobody has accepted
	open      chan openStop // stops that nobody has completed
	onDisk    []string      // sentences about room on the disk
	perTicket int64
}

// from is the network address that a client's requests come from.
func from(client int) string { return fmt.Sprintf("10.1.%d.%d", client/250, client%250+1) }

// together runs do for 0 to n-1, some at once, each with a client of its own.
func together(ctx context.Context, n int, do func(client, i int) error) error {
	const most = 8
	errs := make([]error, most)
	var next atomic.Int64
	var all sync.WaitGroup
	for client := range most {
		all.Go(func() {
			for errs[client] == nil && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				errs[client] = do(client, i)
			}
		})
	}
	all.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

// fill starts the program and brings in everybody and everything that is asked for.
func fill(ctx context.Context, o settings, p *program, size func(context.Context) (int64, error)) (*world, error) {
	if err := p.begin(ctx); err != nil {
		return nil, err
	}
	w := &world{site: newSite(p.address), program: p, reported: make(chan string, 1<<20), open: make(chan openStop, 1<<20)}
	for _, step := range []func(context.Context) error{w.people, w.posts, w.visits,
		func(ctx context.Context) error { return w.grow(ctx, o, size) }} {
		if err := ctx.Err(); err != nil {
			return w, err
		}
		if err := step(ctx); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (w *world) signIn(client int, from string, credentials map[string]string) (token string, err error) {
	var out struct {
		AccessToken string `json:"accessToken"`
	}
	err = w.do(client, asked{method: "POST", path: "/v1/sessions", body: credentials, from: from}, &out)
	return "Bearer " + out.AccessToken, err
}

// people are as many residents as there may be clients, and staff of the street.
func (w *world) people(ctx context.Context) (err error) {
	if w.admin, err = w.signIn(0, from(0), map[string]string{"username": "admin", "password": password}); err != nil {
		return err
	}
	w.residents, w.dispatchers, w.workers = make([]string, accounts), make([]string, dispatchers), make([]*worker, workers)
	err = together(ctx, accounts, func(client, i int) (err error) {
		w.residents[i], err = w.signIn(client, from(i), map[string]string{"phone": residentPhone(i), "code": "000000"})
		return err
	})
	if err != nil {
		return err
	}
	return together(ctx, dispatchers+workers, func(client, i int) error {
		role := "dispatcher"
		if i >= dispatchers {
			role = "outreach_worker"
		}
		name, secret := fmt.Sprintf("bench-%d", i), fmt.Sprintf("wangge-bench-%d", i)
		err := w.do(client, asked{method: "POST", path: "/v1/accounts", token: w.admin, body: map[string]any{
			"id": accountID(i), "username": name, "name": "王芳", "password": secret,
			"grants": []map[string]string{{"role": role, "area": street}}}}, nil)
		if err != nil {
			return err
		}
		token, err := w.signIn(client, from(i), map[string]string{"username": name, "password": secret})
		if i < dispatchers {
			w.dispatchers[i] = token
		} else {
			w.workers[i-dispatchers] = &worker{token: token}
		}
		return err
	})
}

func residentPhone(i int) string { return fmt.Sprintf("138%08d", 1000+i) }

// posts spreads the workers over the cells of the street, and finds the households of each.
func (w *world) posts(context.Context) error {
	var cells struct {
		Items *[]struct {
			Code    string   `json:"code"`
			Centre  position `json:"centre"`
			Version int64    `json:"version"`
		} `json:"items"`
	}
	cells.Items = &w.cells
	if err := w.do(0, asked{method: "GET", path: "/v1/cells?limit=200&area=" + street, token: w.admin}, &cells); err != nil {
		return err
	}
	for i, c := range w.cells {
		body := map[string]any{"covers": []any{}, "staff": []map[string]string{{"account": accountID(dispatchers + i%workers), "role": "worker"}}}
		if err := w.do(0, asked{method: "PUT", path: "/v1/cells/" + c.Code + "/staff", token: w.admin, match: fmt.Sprintf(`"%d"`, c.Version), body: body}, nil); err != nil {
			return err
		}
		var homes struct {
			Items []home `json:"items"`
		}
		if err := w.do(0, asked{method: "GET", path: "/v1/households?limit=200&cell=" + c.Code, token: w.admin}, &homes); err != nil {
			return err
		}
		w.workers[i%workers].homes = append(w.workers[i%workers].homes, homes.Items...)
	}
	for i, worker := range w.workers {
		if len(worker.homes) == 0 {
			return fmt.Errorf("worker %d has no household", i)
		}
	}
	return nil
}

// visits finds a day of the coming weeks on which many visits are due.
func (w *world) visits(context.Context) error {
	local := time.FixedZone("Asia/Shanghai", 8*3600)
	y, m, d := time.Now().In(local).Date()
	most := 0
	for ahead := range 21 {
		day := time.Date(y, m, d+ahead, 0, 0, 0, 0, local)
		query := url.Values{"area": {street}, "from": {day.Format(time.RFC3339)}, "to": {day.AddDate(0, 0, 1).Format(time.RFC3339)}, "limit": {"50"}}.Encode()
		var page struct {
			Items []any `json:"items"`
		}
		if err := w.do(0, asked{method: "GET", path: "/v1/visits?" + query, token: w.dayReader()}, &page); err != nil {
			return err
		}
		if len(page.Items) > most {
			most, w.day = len(page.Items), query
		}
	}
	if most == 0 {
		return errors.New("no visit is due on any day")
	}
	w.onDisk = append(w.onDisk, fmt.Sprintf("The list of a day's visits has %d.", most))
	return nil
}

// grow makes the tickets that are there before anything is measured, and
// households, and says what one of each takes on the disk.
func (w *world) grow(ctx context.Context, o settings, size func(context.Context) (int64, error)) error {
	before, err := w.settled(ctx, size)
	if err != nil {
		return err
	}
	if err := w.importHomes(o.homes); err != nil {
		return err
	}
	between, err := w.settled(ctx, size)
	if err != nil {
		return err
	}
	report := w.report(false)
	if err := together(ctx, o.tickets, func(client, _ int) error { return report(client) }); err != nil {
		return err
	}
	after, err := w.settled(ctx, size)
	if err != nil {
		return err
	}
	w.perTicket = (after - between) / int64(o.tickets)
	if o.homes > 0 {
		w.onDisk = append(w.onDisk, fmt.Sprintf("A household of one or two people takes %.1f KB on the disk with its indexes, stays and entries.", float64(between-before)/float64(o.homes)/1024))
	}
	w.onDisk = append(w.onDisk, fmt.Sprintf("A ticket takes %.1f KB with its indexes and entries.", float64(w.perTicket)/1024))
	return nil
}

// settled is what is on the disk once the program has ended in order, and starts it again.
func (w *world) settled(ctx context.Context, size func(context.Context) (int64, error)) (int64, error) {
	w.program.running.stop()
	w.forget()
	n, err := size(ctx)
	if err != nil {
		return 0, err
	}
	return n, w.program.begin(ctx)
}

// again starts the program anew, with more settings.
func (w *world) again(ctx context.Context, environ []string, more ...string) error {
	w.program.running.stop()
	w.forget()
	w.program.environ, w.program.more = environ, more
	return w.program.begin(ctx)
}

// importHomes brings in households as the demonstration has them, of one or two people.
func (w *world) importHomes(n int) error {
	const atOnce = 500
	rng := rand.New(rand.NewPCG(1, 2))
	for first := 0; first < n; first += atOnce {
		var rows strings.Builder
		rows.WriteString("estate,building,room,lon,lat,datum,occupancy,name,relation,phone,tags\n")
		for i := first; i < min(first+atOnce, n); i++ {
			at := w.cells[i%len(w.cells)].Centre
			house := fmt.Sprintf("新大儒巷,%d,%d0%d,%.6f,%.6f,wgs84,own", i/12+1, i/2%6+1, i%2+1, at.Lon, at.Lat)
			fmt.Fprintf(&rows, "%s,%s,户主,191%08d,%s\n", house, person(rng), 2*i, []string{"property_owner", "empty_nest_elder;property_owner", "party_member"}[rng.IntN(3)])
			if i%2 == 0 {
				fmt.Fprintf(&rows, "%s,%s,配偶,191%08d,\n", house, person(rng), 2*i+1)
			}
		}
		var report struct {
			Households struct{ Added int }
			Findings   []any
		}
		err := w.do(0, asked{method: "POST", path: "/v1/households/import?street=" + street, token: w.admin, body: rows.String(), kind: "text/csv"}, &report)
		if err == nil && report.Households.Added != min(atOnce, n-first) {
			err = fmt.Errorf("imported %d households: %v", report.Households.Added, report.Findings)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func person(rng *rand.Rand) string {
	surnames, givens := []rune("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"), []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂文华建国玉兰红梅")
	return string([]rune{surnames[rng.IntN(len(surnames))], givens[rng.IntN(len(givens))], givens[rng.IntN(len(givens))]})
}

func (w *world) stop() {
	if w != nil && w.program.running != nil {
		w.program.running.stop()
	}
}

// sqliteSize is what the database file and its log take.
func sqliteSize(dir string) func(context.Context) (int64, error) {
	return func(context.Context) (int64, error) {
		return size(filepath.Join(dir, "wangge.db")) + size(filepath.Join(dir, "wangge.db-wal")), nil
	}
}
