package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// servePocketBase serves the fields of a ticket, six indexes, and users who may
// read and write them with a token. It writes the tokens into the folder first.
// It keeps no log of requests, and syncs each commit (FULL) or, as it does by
// itself, now and then (NORMAL).
func servePocketBase(args []string) error {
	fs := flag.NewFlagSet("pocketbase", flag.ContinueOnError)
	dir, listen := fs.String("dir", "", "data folder"), fs.String("listen", "", "address")
	sync := fs.String("sync", "FULL", "synchronous: FULL or NORMAL")
	if err := fs.Parse(args); err != nil {
		return err
	}
	app := pocketbase.NewWithConfig(pocketbase.Config{
		DefaultDataDir: *dir, HideStartBanner: true,
		DBConnect: func(path string) (*dbx.DB, error) { // core.DefaultDBConnect, but for synchronous
			return dbx.Open("sqlite", path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)&_pragma=synchronous("+
				*sync+")&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)")
		},
	})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	app.Settings().Logs.MaxDays = 0
	if err := app.Save(app.Settings()); err != nil {
		return err
	}
	if _, err := app.FindCollectionByNameOrId("tickets"); err != nil {
		if err := fillPocketBase(app, *dir); err != nil {
			return err
		}
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-ended
		_ = app.OnTerminate().Trigger(&core.TerminateEvent{App: app}, func(e *core.TerminateEvent) error { return e.App.ResetBootstrapState() })
		os.Exit(0)
	}()
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.InstallerFunc = nil
		return e.Next()
	})
	return apis.Serve(app, apis.ServeConfig{HttpAddr: *listen})
}

// pocketFields are those of a stored ticket, by what PocketBase takes them for.
var pocketFields = map[string]string{
	"text":   "number kind category condition source urgency title description address sent datum publicId publicSpot city county street community cell boundary reporter reportedBy state assigneeKind assigneeId outcome verified",
	"number": "lon lat key accuracyM publicLon publicLat openKey reopened comments internalComments",
	"bool":   "anonymous",
	"date":   "createdAt updatedAt dueAt closedAt resumeAt",
	"json":   "audience links helpers involved handled reviewers photos steps",
}

func fillPocketBase(app core.App, dir string) error {
	tickets := core.NewBaseCollection("tickets")
	for kind, names := range pocketFields {
		for _, name := range strings.Fields(names) {
			tickets.Fields.Add(map[string]core.Field{
				"text": &core.TextField{Name: name, Max: 5000}, "number": &core.NumberField{Name: name}, "bool": &core.BoolField{Name: name},
				"date": &core.DateField{Name: name}, "json": &core.JSONField{Name: name},
			}[kind])
		}
	}
	tickets.AddIndex("idx_number", true, "number", "")
	for _, of := range []string{"street,createdAt", "street,state,createdAt", "cell,state,createdAt", "category,createdAt", "reporter,createdAt"} {
		tickets.AddIndex("idx_"+strings.ReplaceAll(of, ",", "_"), false, of, "")
	}
	signedIn := types.Pointer(`@request.auth.id != ""`)
	tickets.ListRule, tickets.ViewRule, tickets.CreateRule = signedIn, signedIn, signedIn
	if err := app.Save(tickets); err != nil {
		return err
	}
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	users.Fields.GetByName("password").(*core.PasswordField).Cost = 4 // nobody signs in: the tokens are made here
	if err := app.Save(users); err != nil {
		return err
	}
	tokens := make([]string, accounts)
	for i := range tokens {
		user := core.NewRecord(users)
		user.SetEmail(fmt.Sprintf("resident%d@example.org", i))
		user.SetPassword("wangge-bench")
		if err := app.Save(user); err != nil {
			return err
		}
		if tokens[i], err = user.NewAuthToken(); err != nil {
			return err
		}
	}
	text, err := json.Marshal(tokens)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "tokens.json"), text, 0o600)
}

// readTokens reads what fillPocketBase wrote.
func readTokens(dir string) (tokens []string, err error) {
	f, err := os.Open(filepath.Join(dir, "tokens.json"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return tokens, json.Unmarshal(text, &tokens)
}
