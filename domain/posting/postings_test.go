package posting

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/civil"
	"wangge/domain/limit"
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/domain/table"
	"wangge/domain/worldtest"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var noon = worldtest.Noon

// world is the city of two streets with its people.
type world struct {
	st       *store.Store
	areas    *area.Areas
	accounts *account.Accounts
	postings *Postings
	people   map[string]access.Actor
}

func newWorld(t testing.TB, p enginetest.Place) *world {
	w := &world{}
	w.st, w.areas = worldtest.Open(t, p.Open(t), store.Options{Rehearse: true},
		slices.Concat(area.Collections(), limit.Collections(), account.Collections(), calendar.Collections(), service.Collections(), station.Collections(), Collections())...)
	worldtest.Import(t, w.areas, noon, worldtest.Areas)
	worldtest.Draw(t, w.areas, noon, worldtest.Cells...)
	keys := worldtest.Keys(t)
	w.accounts = account.New(w.st, w.areas, keys, account.Options{})
	w.postings = New(w.st, w.areas, w.accounts, keys)
	w.people = worldtest.People(t, w.areas)
	return w
}

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

// worker makes an account that works in a street.
func (w *world) worker(t testing.TB, username, street string) string {
	return must(w.accounts.Create(t.Context(), access.Program, noon, account.NewAccount{Username: username, Name: username, Grants: []account.GrantInput{{Role: access.OutreachWorker, Area: street}}}))(t).ID
}

// entered is a posting as the naive model knows it.
type entered struct {
	who         string
	kind        Kind
	area        string // code of then
	from, until civil.Date
}

func (e entered) holds(d civil.Date) bool { return e.from <= d && (e.until == "" || d <= e.until) }

// merged has the second street joined to the first: its community to the first's second.
const merged = `level,code,name,parent_code,successor_code
street,320508002,乙街道,320508,320508001
community,320508002001,乙一社区,320508002,320508001002
`

// Postings by chance, of who has an account and who has none, in cells too:
// everybody is counted once, on any day, before and after streets are joined.
func TestEverybodyIsCountedOnce(t *testing.T) {
	worldtest.Each(t, newWorld, func(t *testing.T, w *world) {
		r := rand.New(rand.NewPCG(8, 14))
		var all []entered
		areas := []string{worldtest.Jia, worldtest.JiaOne, worldtest.JiaTwo, worldtest.Yi, worldtest.YiOne}
		for n := range 60 {
			d := Draft{Name: fmt.Sprint("某", n/3), Number: fmt.Sprint(n / 3), Area: areas[r.IntN(len(areas))], Kind: Kinds[r.IntN(len(Kinds))]}
			if n%7 > 0 {
				d.From = civil.Date("2020-01-01").Add(r.IntN(600))
			}
			if r.IntN(2) == 0 {
				d.Until = max(d.From, "2019-06-01").Add(r.IntN(600))
			}
			if _, err := w.postings.Create(t.Context(), access.Program, noon, d); err != nil {
				if fmt.Sprint(worldtest.Pointers(err)) != "[/from]" {
					t.Fatal(err)
				}
				continue // the same again at that time
			}
			all = append(all, entered{d.Area[:9] + "/" + d.Number, d.Kind, d.Area, d.From, d.Until})
		}
		for n, code := range []string{worldtest.East, worldtest.North} {
			street := code[:9]
			id := w.worker(t, fmt.Sprint("worker-", n), street)
			from := civil.Date("2020-03-01").Add(100 * n)
			must(w.accounts.SetStaff(t.Context(), access.Program, noon, code, []area.Post{{Account: id, Role: access.OutreachWorker, From: from.Start()}}, nil, 0))(t)
			all = append(all, entered{id, Grid, code[:12], from, ""})
			d := Draft{Account: id, Area: street, Kind: Mediation, From: "2020-02-01"} // the cell goes first, once it is there
			must(w.postings.Create(t.Context(), access.Program, noon, d))(t)
			all = append(all, entered{id, Mediation, street, d.From, ""})
		}
		w.compare(t, r, all, func(code string) string { return code }, areas)
		worldtest.Import(t, w.areas, noon, merged)
		w.compare(t, r, all, func(code string) string {
			return strings.NewReplacer(worldtest.YiOne, worldtest.JiaTwo, worldtest.Yi, worldtest.Jia).Replace(code)
		}, areas[:3])
	})
}

// compare holds the lists of some days to the model; today is the code that an area has by now.
func (w *world) compare(t *testing.T, r *rand.Rand, all []entered, today func(string) string, areas []string) {
	t.Helper()
	counted := func(street string, d civil.Date) map[string]entered {
		out := map[string]entered{}
		for _, e := range all {
			was, twice := out[e.who]
			later := twice && (slices.Index(Kinds, was.kind) < slices.Index(Kinds, e.kind) || was.kind == e.kind && was.from <= e.from)
			if today(e.area)[:9] == street && e.holds(d) && !later {
				out[e.who] = e
			}
		}
		return out
	}
	for range 25 {
		d, then := civil.Date("2019-12-01").Add(r.IntN(900)), civil.Date("2019-12-01").Add(r.IntN(900))
		code := areas[r.IntN(len(areas))]
		people, before := counted(code[:9], d), counted(code[:9], then)
		for _, kind := range Kinds {
			want, moved := 0, 0
			for who, e := range people {
				if e.kind == kind && strings.HasPrefix(today(e.area), code) {
					want++
					if _, was := before[who]; !was {
						moved++
					}
				}
			}
			f := Filter{Area: code, At: d.Start().Add(time.Hour), Once: true, Kinds: []Kind{kind}, Limit: 500}
			got, _, err := w.postings.List(t.Context(), access.Program, noon, f)
			if err != nil || len(got) != want {
				t.Errorf("%s of %s on %s: %d, want %d, %v", kind, code, d, len(got), want, err)
			}
			f.Then = &Then{then.Start().Add(time.Hour), []Kind{None}}
			if got, _, err = w.postings.List(t.Context(), access.Program, noon, f); err != nil || len(got) != moved {
				t.Errorf("%s of %s on %s, and nowhere on %s: %d, want %d, %v", kind, code, d, then, len(got), moved, err)
			}
		}
	}
}

// What is wrong with a posting is said field by field, and nothing of it is entered.
func TestBadPostings(t *testing.T) {
	worldtest.One(t, newWorld, func(t *testing.T, w *world) {
		good := Draft{Name: "王芳", Area: worldtest.JiaOne, Kind: Counter, From: "2020-01-01", Until: "2020-12-31"}
		manager := worldtest.Actor(t, w.areas, "street manager", access.StreetManager, worldtest.Jia)
		of := worldtest.Actor(t, w.areas, "community manager", access.CommunityManager, worldtest.JiaOne)
		theirs := w.worker(t, "yi.worker", worldtest.Yi)
		must(w.postings.Create(t.Context(), manager, noon, good))(t)
		for name, c := range map[string]struct {
			by     access.Actor
			change func(*Draft)
			want   string
		}{
			"backwards":              {manager, func(d *Draft) { d.From, d.Until = "2021-02-02", "2021-02-01" }, "[/until]"},
			"no day":                 {manager, func(d *Draft) { d.From = "2021-02-30" }, "[/from /until]"},
			"no such area":           {manager, func(d *Draft) { d.Area = "320599001" }, "[/area]"},
			"a county":               {manager, func(d *Draft) { d.Area = worldtest.County }, "[/area]"},
			"another's street":       {manager, func(d *Draft) { d.Area = worldtest.YiOne }, "[/area]"},
			"the street's":           {of, func(d *Draft) { d.Area = worldtest.Jia }, "[/area]"},
			"no kind":                {manager, func(d *Draft) { d.Kind = "none" }, "[/kind]"},
			"nobody":                 {manager, func(d *Draft) { d.Name = " " }, "[/name]"},
			"two people":             {manager, func(d *Draft) { d.Account = theirs }, "[/name]"},
			"who works elsewhere":    {manager, func(d *Draft) { d.Account, d.Name = theirs, "" }, "[/account]"},
			"no account":             {manager, func(d *Draft) { d.Account, d.Name = "01931f0a-7c1e-7b3a-9a55-1f2e3d4c5a01", "" }, "[/account]"},
			"the same twice":         {manager, func(d *Draft) { d.From, d.Until = "2020-12-31", "" }, "[/from]"},
			"no id":                  {manager, func(d *Draft) { d.ID = "x" }, "[/id]"},
			"the day after is fine":  {manager, func(d *Draft) { d.From, d.Until = "2021-01-01", "" }, "[]"},
			"another kind is fine":   {manager, func(d *Draft) { d.Kind = Grid }, "[]"},
			"another number is fine": {manager, func(d *Draft) { d.Number = "7" }, "[]"},
		} {
			t.Run(name, func(t *testing.T) {
				d := good
				c.change(&d)
				p, err := w.postings.Create(t.Context(), c.by, noon, d)
				got := worldtest.Pointers(err)
				slices.Sort(got)
				if fmt.Sprint(slices.Compact(got)) != c.want && !(c.want == "[/from /until]" && len(got) > 0) {
					t.Errorf("%v, want %s", err, c.want)
				}
				if err == nil {
					must(0, w.postings.Remove(t.Context(), manager, noon, p.ID, 0))(t)
				}
			})
		}
		left := must(w.postings.Of(t.Context(), worldtest.ID(t, w.areas, worldtest.Jia)))(t)
		if len(left) != 1 {
			t.Errorf("%d postings are left", len(left))
		}
		into := worldtest.YiOne
		if _, err := w.postings.Update(t.Context(), access.Program, noon, left[0].Posting.ID, 0, Change{Area: &into}); fmt.Sprint(worldtest.Pointers(err)) != "[/area]" {
			t.Errorf("into another street: %v", err)
		}
		if name, err := w.postings.NameOf(left[0].Posting); name != "王芳" || err != nil {
			t.Errorf("the name is %q, %v", name, err)
		}
	})
}

// A file says what is wrong by row, changes what it says otherwise, and again nothing.
func TestPostingsComeInAsATable(t *testing.T) {
	worldtest.Each(t, newWorld, func(t *testing.T, w *world) {
		w.worker(t, "jia.worker", worldtest.Jia)
		bring := func(dry bool, rows ...string) string {
			report := must(w.postings.Import(t.Context(), access.Program, noon, strings.NewReader("类别,社区代码,用户名,姓名,工号,队伍,开始日期,结束日期\n"+strings.Join(rows, "\n")), Import{Street: worldtest.Jia, DryRun: dry}))(t)
			out := fmt.Sprint(report.Added, report.Changed, report.Unchanged)
			for _, f := range report.Findings {
				out += fmt.Sprintf(" %d:%s", f.Line, f.Column)
			}
			return out
		}
		file := []string{"窗口," + worldtest.JiaOne + ",,王芳,1,,2015/7/1,2019-05-31", "网格,,jia.worker,,,,2019-06-01,", "窗口," + worldtest.YiOne + ",,李明,,,,", "窗口," + worldtest.JiaOne + ",,王芳,1,,2018-01-01,",
			"唱歌,,,张三,,,,", "调解,,nobody,,,,,", "矛盾调解,,,张三,,,2020-01-01,2019-01-01", "矛盾调解,,,张三,,调解室,,"}
		const found = " 4:area 5:from 6:kind 7:kind 7:username 8:until"
		for i, c := range []struct {
			dry  bool
			want string
		}{{true, "3 0 0" + found}, {false, "3 0 0" + found}, {false, "0 0 3" + found}} {
			got := bring(c.dry, file...)
			words := strings.Fields(got)
			slices.Sort(words[3:])
			if strings.Join(words, " ") != c.want {
				t.Errorf("%d: %s, want %s", i, got, c.want)
			}
		}
		if got := bring(false, "矛盾调解,,,张三,,调解室,,2026-10-31"); got != "0 1 0" {
			t.Errorf("ended: %s", got)
		}
		if n := len(must(w.postings.Of(t.Context(), worldtest.ID(t, w.areas, worldtest.Jia)))(t)); n != 3 {
			t.Errorf("%d postings", n)
		}
		_, err := w.postings.Import(t.Context(), access.Program, noon, strings.NewReader("kind\n"), Import{Options: table.Options{}, Street: worldtest.JiaOne})
		if fmt.Sprint(worldtest.Pointers(err)) != "[?street]" {
			t.Errorf("into a community: %v", err)
		}
	})
}
