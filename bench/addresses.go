package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

// A standard address of the measurement: estates of ten buildings with two
// units of five floors with two rooms.
const doorsOfEstate = 10 * 2 * 5 * 2

// asRead is how many addresses are read to be ranked, as the program reads them.
const asRead = 101

func door(n int) (estate string, building, unit, room int) {
	e, d := n/doorsOfEstate, n%doorsOfEstate
	first, second, kinds := []rune("桂松梅兰竹菊荷枫柳杏桃银金玉翠碧清明春秋"), []rune("花园林苑泉溪湖月云霞山石塘港桥浜湾洲堤岸"), []string{"新村", "花园", "家园", "公寓", "小区"}
	return fmt.Sprintf("%c%c%s%d区", first[e%20], second[e/20%20], kinds[e/400%5], e/2000+1), d/20 + 1, d/10%2 + 1, d/2%5*100 + 101 + d%2
}

func doorText(n int) string {
	estate, building, unit, room := door(n)
	return fmt.Sprintf("%s%d幢%d单元%d室", estate, building, unit, room)
}

// importAddresses brings in so many standard addresses, all at once.
func (w *world) importAddresses(ctx context.Context, dir string, n int) error {
	path := filepath.Join(dir, "addresses.csv")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer os.Remove(path)
	b := bufio.NewWriter(f)
	fmt.Fprintln(b, "code,estate,building,unit,room,lon,lat")
	for i := range n {
		estate, building, unit, room := door(i)
		at := w.cells[i/doorsOfEstate%len(w.cells)].Centre
		fmt.Fprintf(b, "%09d,%s,%d,%d,%d,%.6f,%.6f\n", i, estate, building, unit, room, at.Lon, at.Lat)
	}
	if err := errors.Join(b.Flush(), f.Close()); err != nil {
		return err
	}
	w.program.running.stop()
	w.forget()
	args := []string{"import", "--data", w.program.data, "--scheme", "bench", "--datum", "wgs84"}
	if w.program.store != "" {
		args = append(args, "--store", w.program.store)
	}
	if out, err := exec.CommandContext(ctx, w.program.path, append(args, "addresses", path)...).CombinedOutput(); err != nil {
		return fmt.Errorf("importing addresses: %w\n%s", err, out)
	}
	w.addresses = n
	return w.program.begin(ctx)
}

// findAddress asks for doors as they are told at a counter.
func (w *world) findAddress() func(int) error {
	return func(client int) error {
		var found struct {
			Items []struct {
				Text string `json:"text"`
			} `json:"items"`
		}
		text := doorText(rand.IntN(w.addresses))
		if err := w.do(client, asked{method: "GET", path: "/v1/addresses?q=" + url.QueryEscape(text), token: w.dispatchers[client%dispatchers]}, &found); err != nil {
			return err
		}
		if len(found.Items) == 0 || found.Items[0].Text != text {
			return fmt.Errorf("%s was not found: %v", text, found.Items)
		}
		return nil
	}
}

// tokens are what a door is found by: pairs of letters of its estate, and its numbers.
func tokens(n int) []string {
	estate, building, unit, room := door(n)
	out := []string{fmt.Sprint("b", building), fmt.Sprint("u", unit), fmt.Sprint("r", room)}
	runes := []rune(estate)
	for i := 1; i < len(runes); i++ {
		out = append(out, string(runes[i-1:i+1]))
	}
	return out
}

// indexAlone is a text index of SQLite with as many addresses and nothing
// around it: the doors that have all tokens, and the documents of these.
func indexAlone(ctx context.Context, path string, n int) (func(int) error, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=cache_size(-65536)")
	if err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	for _, statement := range []string{"CREATE TABLE doors (id INTEGER PRIMARY KEY, doc TEXT NOT NULL)",
		"CREATE VIRTUAL TABLE finds USING fts5(words, content='', detail=none)"} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	document, words := "INSERT INTO doors (id, doc) VALUES (?, ?)", "INSERT INTO finds (rowid, words) VALUES (?, ?)"
	for i := range n {
		estate, building, unit, room := door(i)
		doc, err := json.Marshal(map[string]any{"scheme": "bench", "code": fmt.Sprintf("%09d", i), "estate": estate, "building": building, "unit": unit, "room": room, "lon": 120.6303842, "lat": 31.3113344})
		if err != nil {
			return nil, err
		}
		if _, err := tx.ExecContext(ctx, document, i, string(doc)); err != nil {
			return nil, err
		}
		if _, err := tx.ExecContext(ctx, words, i, strings.Join(tokens(i), " ")); err != nil {
			return nil, err
		}
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	find, err := db.PrepareContext(ctx, "SELECT d.doc FROM finds w JOIN doors d ON d.id = w.rowid WHERE finds MATCH ? ORDER BY w.rowid LIMIT ?")
	if err != nil {
		return nil, err
	}
	return func(int) error {
		rows, err := find.QueryContext(ctx, `"`+strings.Join(tokens(rand.IntN(n)), `" AND "`)+`"`, asRead)
		if err != nil {
			return err
		}
		defer rows.Close()
		var doc map[string]any
		for rows.Next() {
			var text []byte
			if err := rows.Scan(&text); err != nil {
				return err
			}
			if err := json.Unmarshal(text, &doc); err != nil {
				return err
			}
		}
		if doc == nil {
			return errors.New("the index alone found nothing")
		}
		return rows.Err()
	}, nil
}

// driverAlone asks the program's own index by the driver: for doors it has.
func driverAlone(ctx context.Context, client *mongo.Client) (func(int) error, error) {
	all := client.Database("wangge").Collection("addresses")
	cursor, err := all.Aggregate(ctx, mongo.Pipeline{{{Key: "$sample", Value: bson.M{"size": 500}}}})
	if err != nil {
		return nil, err
	}
	var sample []struct {
		Terms []string `bson:"_terms"`
	}
	if err := cursor.All(ctx, &sample); err != nil || len(sample) == 0 {
		return nil, errors.Join(err, errors.New("there are no addresses"))
	}
	return func(int) error {
		cursor, err := all.Find(ctx, bson.M{"_terms": bson.M{"$all": sample[rand.IntN(len(sample))].Terms}}, options.Find().SetLimit(asRead))
		if err != nil {
			return err
		}
		var found []bson.M
		if err := cursor.All(ctx, &found); err != nil {
			return err
		}
		if len(found) == 0 {
			return errors.New("the driver found nothing")
		}
		return nil
	}, nil
}
