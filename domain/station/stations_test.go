package station

import (
	"errors"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/calendar"
	"wangge/domain/ids"
	"wangge/domain/service"
	"wangge/domain/todo"
	"wangge/domain/worldtest"
)

func TestStations(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx, s, manager := t.Context(), w.stations, w.people["manager"]
		d := draft()
		d.ID = ids.New()
		st := must(s.Create(ctx, manager, morning, d))(t)
		if st.Version != 1 || st.Partition != worldtest.ID(t, w.areas, worldtest.Jia) || len(st.Serves) != 2 {
			t.Fatalf("%+v", st)
		}
		name := "景城联络所"
		renamed := must(s.Update(ctx, manager, morning, st.ID, 1, Change{Name: &name}))(t)
		if again := must(s.Create(ctx, manager, morning, d))(t); again.Version != renamed.Version || again.Name != name {
			t.Errorf("sent again, it is %+v", again)
		}
		d.Phone = ""
		if _, err := s.Create(ctx, manager, morning, d); worldtest.Conflict(err) != "duplicate" {
			t.Errorf("another under its id: %v", err)
		}
		for _, who := range []string{"other manager", "dispatcher", "community", "ann", "resident"} {
			if _, err := s.Create(ctx, w.people[who], morning, draft()); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s makes a station: %v", who, err)
			}
			if _, err := s.Update(ctx, w.people[who], morning, st.ID, 0, Change{Name: &name}); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s changes a station: %v", who, err)
			}
		}
		if _, err := s.Update(ctx, manager, morning, st.ID, 1, Change{Phone: &name}); !errors.Is(err, domain.ErrStale) {
			t.Errorf("an old version: %v", err)
		}
		if _, err := s.Update(ctx, manager, morning, ids.New(), 0, Change{}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("no station: %v", err)
		}
		for q, want := range map[Query]int{
			{}: 1, {Area: worldtest.Jia}: 1, {Area: worldtest.Yi}: 0, {Area: worldtest.County}: 1, {Area: worldtest.JiaTwo}: 1, {Area: worldtest.YiOne}: 0,
			{Model: OneForMany}: 1, {Model: Centre}: 0, {Area: worldtest.JiaOne, Model: OneForMany}: 1, {Area: worldtest.Jia, Model: Centre}: 0,
		} {
			if found, _, err := s.List(ctx, morning, q); err != nil || len(found) != want {
				t.Errorf("%+v: %d stations, %v", q, len(found), err)
			}
		}
		if _, _, err := s.List(ctx, morning, Query{Area: "nowhere"}); !slices.Equal(pointers(err), []string{"?area"}) {
			t.Errorf("an area that is none: %v", err)
		}
	})
}

// Everything that is wrong is told at once, by its pointer, and nothing is written.
func TestWrongStations(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx, s, manager := t.Context(), w.stations, w.people["manager"]
		d := draft()
		d.ID, d.Name, d.Phone, d.Models, d.Hours = "x", " ", "call", nil, calendar.Hours{}
		d.Communities = append(d.Communities, ServedIn{Code: worldtest.Jia}, ServedIn{Code: worldtest.JiaOne}, ServedIn{Code: worldtest.YiOne, Span: Span{From: morning, Until: morning}})
		_, err := s.Create(ctx, manager, morning, d)
		if want := []string{"/id", "/communities/2/code", "/name", "/phone", "/models", "/communities/3", "/communities/4/until", "/hours/weekly"}; !slices.Equal(pointers(err), want) {
			t.Errorf("%v, want %v", pointers(err), want)
		}
		d = draft()
		d.Items = []string{"none"}
		if _, err := s.Create(ctx, manager, morning, d); !slices.Equal(pointers(err), []string{"/serviceItems/0"}) {
			t.Errorf("an item that is none: %v", err)
		}
		st := w.staffed()
		short := week(calendar.Span{From: "09:00", Until: "20:00"})
		if _, err := s.Update(ctx, manager, morning, st.ID, 0, Change{Hours: HoursChange{Weekly: &short}}); !slices.Equal(pointers(err), []string{"/hours"}) {
			t.Errorf("hours that a shift is outside of: %v", err)
		}
		night := Shift{Name: "夜班", Weekly: week(calendar.Span{From: "18:00", Until: "22:00"})}
		over := Shift{Name: "中班", Weekly: week(calendar.Span{From: "14:00", Until: "16:00"})}
		for name, c := range map[string]struct {
			shifts []Shift
			want   []string
		}{
			"outside the hours":   {[]Shift{early, late, night}, []string{"/shifts/2/weekly"}},
			"a name twice":        {[]Shift{early, late, early}, []string{"/shifts/2/name"}},
			"none that is worked": {[]Shift{early}, []string{"/shifts"}},
			"no times, no name":   {[]Shift{early, late, {Span: Span{morning, morning}}}, []string{"/shifts/2/name", "/shifts/2/until", "/shifts/2/weekly"}},
		} {
			if _, err := s.SetShifts(ctx, manager, morning, st.ID, 0, c.shifts); !slices.Equal(pointers(err), c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		st = must(s.SetShifts(ctx, manager, morning, st.ID, 0, []Shift{early, late, over}))(t)
		ann, cai := Post{Account: w.id("ann"), Part: Director}, Post{Account: w.id("cai"), Part: Worker}
		with := func(p Post, change func(*Post)) Post { change(&p); return p }
		for name, c := range map[string]struct {
			staff []Post
			want  []string
		}{
			"two shifts at once":       {[]Post{with(ann, func(p *Post) { p.Shifts = []string{early.Name, over.Name} })}, []string{"/staff/0/shifts"}},
			"a shift that is none":     {[]Post{with(ann, func(p *Post) { p.Shifts = []string{"夜班"} })}, []string{"/staff/0/shifts"}},
			"twice":                    {[]Post{ann, ann}, []string{"/staff/1"}},
			"their own stand-in":       {[]Post{with(ann, func(p *Post) { p.StandIn = p.Account })}, []string{"/staff/0/standIn"}},
			"backwards, without part":  {[]Post{with(ann, func(p *Post) { p.Part, p.From, p.Until = "", morning, morning })}, []string{"/staff/0/part", "/staff/0/until"}},
			"of another street":        {[]Post{ann, with(cai, func(p *Post) { p.Account = w.id("dan") })}, []string{"/staff/1/account"}},
			"a stand-in who is none":   {[]Post{with(ann, func(p *Post) { p.StandIn = w.id("dan") })}, []string{"/staff/0/standIn"}},
			"somebody who is not here": {[]Post{with(ann, func(p *Post) { p.Account = ids.New() })}, []string{"/staff/0/account"}},
		} {
			if _, err := s.SetStaff(ctx, manager, morning, st.ID, 0, c.staff); !slices.Equal(pointers(err), c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		gone := with(cai, func(p *Post) { p.Account, p.Until = w.id("dan"), morning })
		must(s.SetStaff(ctx, manager, morning, st.ID, 0, append(slices.Clone(st.Staff), gone)))(t) // whose time is over
		elsewhere := must(s.Create(ctx, manager, morning, draft()))(t)
		must(s.SetShifts(ctx, manager, morning, elsewhere.ID, 0, []Shift{over}))(t)
		if _, err := s.SetStaff(ctx, manager, morning, elsewhere.ID, 0, []Post{with(cai, func(p *Post) { p.Shifts = []string{over.Name} })}); !slices.Equal(pointers(err), []string{"/staff/0/shifts"}) {
			t.Errorf("on a shift of another station: %v", err)
		}
		theirs, other := draft(), w.people["other manager"]
		theirs.Street, theirs.Communities = worldtest.Yi, []ServedIn{{Code: worldtest.YiOne}}
		yi := must(s.Create(ctx, other, morning, theirs))(t)
		must(s.SetShifts(ctx, other, morning, yi.ID, 0, []Shift{over}))(t)
		dan := Post{Account: w.id("dan"), Part: Worker, Shifts: []string{over.Name}}
		must(s.SetStaff(ctx, other, morning, yi.ID, 0, []Post{dan}))(t)
		for name, p := range map[string]Post{"now": dan, "long ago": with(dan, func(p *Post) { p.From, p.Until = morning.Add(-day), morning })} {
			if _, err := s.SetStaff(ctx, manager, morning, elsewhere.ID, 0, []Post{p}); slices.Contains(pointers(err), "/staff/0/shifts") {
				t.Errorf("it is told when somebody of another street works, %s: %v", name, err)
			}
		}
		must(s.SetStaff(ctx, manager, morning, elsewhere.ID, 0, nil))(t)
		for name, c := range map[string]struct {
			in   AbsenceIn
			want []string
		}{
			"backwards":             {AbsenceIn{Account: w.id("ann"), Reason: "leave", Span: Span{morning, morning}}, []string{"/until"}},
			"without a beginning":   {AbsenceIn{Account: w.id("ann"), Reason: "leave"}, []string{"/from"}},
			"long ago":              {AbsenceIn{Account: w.id("ann"), Reason: "leave", Span: Span{From: morning.Add(-401 * day)}}, []string{"/from"}},
			"of nobody here":        {AbsenceIn{Account: w.id("dan"), Reason: "leave", Span: Span{From: morning}}, []string{"/account"}},
			"for no reason":         {AbsenceIn{Account: w.id("ann"), Reason: "fun", Span: Span{From: morning}}, []string{"/reason"}},
			"with a wrong stand-in": {AbsenceIn{Account: w.id("ann"), Reason: "leave", StandIn: w.id("dan"), Span: Span{From: morning}}, []string{"/standIn"}},
			"under no id":           {AbsenceIn{ID: "x", Account: w.id("ann"), Reason: "leave", Span: Span{From: morning}}, []string{"/id"}},
		} {
			if _, err := s.AddAbsence(ctx, manager, morning, st.ID, c.in); !slices.Equal(pointers(err), c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if now := must(s.Get(ctx, manager, morning, st.ID))(t); len(now.Absences) != 0 || len(now.Staff) != 3 || len(now.Shifts) != 3 {
			t.Errorf("something was written: %+v", now.Station)
		}
	})
}

// The director keeps the station, a worker enters her own absences, and nobody makes directors but the street.
func TestWhoKeepsAStation(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.stations
		st := w.staffed()
		for _, who := range []string{"cai", "bea", "dan", "community", "resident"} {
			if _, err := s.SetShifts(ctx, w.people[who], morning, st.ID, 0, []Shift{late, early}); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s sets shifts: %v", who, err)
			}
			if _, err := s.AddAbsence(ctx, w.people[who], morning, st.ID, AbsenceIn{Account: w.id("ann"), Reason: "leave", Span: Span{From: morning}}); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s enters ann's absence: %v", who, err)
			}
		}
		st = must(s.SetShifts(ctx, w.people["ann"], morning, st.ID, 0, []Shift{late, early}))(t)
		staff := slices.Clone(st.Staff)
		staff[1].StandIn = w.id("bea")
		st = must(s.SetStaff(ctx, w.people["ann"], morning, st.ID, 0, staff))(t)
		staff = slices.Clone(staff)
		staff[1].Part = Director
		if _, err := s.SetStaff(ctx, w.people["ann"], morning, st.ID, 0, staff); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("the director makes a director: %v", err)
		}
		eve := must(w.accounts.Create(ctx, access.Program, morning, account.NewAccount{Username: "eve", Name: "eve", Grants: []account.GrantInput{{Role: access.CounterWorker, Area: worldtest.Jia}}}))(t)
		away := AbsenceIn{Account: w.id("cai"), Reason: "leave", StandIn: eve.ID, Span: Span{morning.Add(9 * day), morning.Add(10 * day)}}
		if _, err := s.AddAbsence(ctx, w.people["cai"], morning, st.ID, away); !slices.Equal(pointers(err), []string{"/standIn"}) {
			t.Errorf("a worker lets somebody else see the cases of the station: %v", err)
		}
		for who, standIn := range map[string]string{"cai": w.id("bea"), "ann": eve.ID} { // who is of the station; who keeps it
			away.StandIn = standIn
			st = must(s.AddAbsence(ctx, w.people[who], morning, st.ID, away))(t)
			st = must(s.EndAbsence(ctx, w.people["ann"], morning, st.ID, st.Absences[len(st.Absences)-1].ID))(t)
		}
		own := AbsenceIn{ID: ids.New(), Account: w.id("cai"), Reason: "sick", Span: Span{morning, morning.Add(day)}}
		st = must(s.AddAbsence(ctx, w.people["cai"], morning, st.ID, own))(t)
		if again := must(s.AddAbsence(ctx, w.people["cai"], morning, st.ID, own))(t); again.Version != st.Version {
			t.Errorf("entered twice: version %d, then %d", st.Version, again.Version)
		}
		other := own
		other.Reason = "leave"
		if _, err := s.AddAbsence(ctx, w.people["cai"], morning, st.ID, other); worldtest.Conflict(err) != "duplicate" {
			t.Errorf("another absence under its id: %v", err)
		}
		other.ID = ""
		if _, err := s.AddAbsence(ctx, w.people["cai"], morning, st.ID, other); !slices.Equal(pointers(err), []string{"/from"}) {
			t.Errorf("absent twice at once: %v", err)
		}
		if _, err := s.EndAbsence(ctx, w.people["bea"], morning, st.ID, own.ID); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("bea takes cai's absence back: %v", err)
		}
		st = must(s.EndAbsence(ctx, w.people["cai"], morning, st.ID, own.ID))(t)
		if again := must(s.AddAbsence(ctx, w.people["cai"], morning, st.ID, own))(t); again.Version != st.Version || !again.Absences[0].Ended {
			t.Error("an absence that was taken back comes again")
		}
		for who, want := range map[string][2]bool{"ann": {true, true}, "cai": {true, false}, "manager": {true, true}, "dispatcher": {true, false}, "dan": {false, false}, "resident": {false, false}, "other manager": {false, false}} {
			v := must(s.Get(ctx, w.people[who], morning, st.ID))(t)
			if v.Whole != want[0] || v.Keeps != want[1] {
				t.Errorf("%s sees the whole %v and keeps it %v", who, v.Whole, v.Keeps)
			}
			_, err := s.Cover(ctx, w.people[who], morning, st.ID, Span{morning, morning.Add(day)})
			if errors.Is(err, domain.ErrForbidden) == want[0] {
				t.Errorf("%s reads the cover: %v", who, err)
			}
		}
	})
}

// Whoever is on the staff serves its communities, and so does who stands in, as long as that is so.
func TestServing(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.stations
		st := w.staffed()
		must(s.AddAbsence(ctx, w.people["ann"], morning, st.ID, AbsenceIn{Account: w.id("ann"), Reason: "leave", Span: Span{morning.Add(day), morning.Add(2 * day)}}))(t)
		for _, c := range []struct {
			who  string
			at   time.Time
			want []string
		}{
			{"cai", morning, []string{worldtest.JiaOne, worldtest.JiaTwo}},
			{"cai", morning.Add(30 * day), []string{worldtest.JiaOne}},
			{"bea", morning, nil},
			{"bea", morning.Add(day), []string{worldtest.JiaOne, worldtest.JiaTwo}},
			{"bea", morning.Add(2 * day), nil},
			{"ann", morning.Add(day), []string{worldtest.JiaOne, worldtest.JiaTwo}},
			{"dan", morning, nil},
		} {
			var got []string
			for _, p := range must(s.Serving(ctx, w.st, w.id(c.who), c.at))(t) {
				a, _ := w.areas.Tree().ByID(p.Community)
				got = append(got, a.Code)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s at %s: %v, want %v", c.who, c.at, got, c.want)
			}
		}
	})
}

// A community that another took over from is served on, and its successor is found with it.
func TestSuccessorsAreServed(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.stations
		w.staffed()
		was := worldtest.ID(t, w.areas, worldtest.JiaOne)
		worldtest.Import(t, w.areas, morning, "level,code,name,parent_code,successor_code\ncommunity,320508001009,甲九社区,320508001,\ncommunity,320508001001,甲一社区,320508001,320508001009\n")
		var ids []string
		for _, p := range must(s.Serving(ctx, w.st, w.id("cai"), morning))(t) {
			ids = append(ids, p.Community)
		}
		if now := worldtest.ID(t, w.areas, "320508001009"); !slices.Contains(ids, was) || !slices.Contains(ids, now) {
			t.Errorf("%v, want %s and %s", ids, was, now)
		}
		if found, _, err := s.List(ctx, morning, Query{Area: "320508001009"}); err != nil || len(found) != 1 {
			t.Errorf("%d stations serve it, %v", len(found), err)
		}
	})
}

// A minute that nobody covers is told to the director once, and ended when somebody covers it.
func TestHolesAreTold(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx, s, manager := t.Context(), w.stations, w.people["manager"]
		open := true
		asked := func(now time.Time) (occasions []string) {
			items, _, err := w.todos.List(ctx, w.people["ann"], now, todoOpen(&open))
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range items {
				occasions = append(occasions, it.Occasion)
			}
			slices.Sort(occasions)
			return occasions
		}
		st := w.staffed()
		if got := asked(morning); len(got) != 0 {
			t.Fatalf("asked of %v while somebody is always there", got)
		}
		sick := AbsenceIn{ID: ids.New(), Account: w.id("cai"), Reason: "sick", Span: Span{morning.Add(day), morning.Add(3 * day)}}
		must(s.AddAbsence(ctx, w.people["cai"], morning, st.ID, sick))(t)
		first := Hole{From: morning.Add(day + 7*time.Hour), Until: morning.Add(day + 13*time.Hour)}
		second := Hole{From: first.From.Add(day), Until: first.Until.Add(day)}
		first.Found, second.Found = morning, morning
		if got, want := asked(morning), []string{first.key(), second.key()}; !slices.Equal(got, want) {
			t.Fatalf("asked of %v, want %v", got, want)
		}
		lease := must(w.st.Acquire(ctx, "test", "test", time.Hour))(t)
		heads := w.st.Heads()
		must(0, s.look(ctx, lease, st.ID, morning.Add(time.Hour)))(t)
		if got := asked(morning); len(got) != 2 || w.st.Head(st.Partition) != heads[st.Partition] {
			t.Errorf("looked again, it is told again: %v", got)
		}
		staff := slices.Clone(must(Load(ctx, w.st, st.ID))(t).Staff)
		staff[1].StandIn = w.id("bea")
		must(s.SetStaff(ctx, manager, morning, st.ID, 0, staff))(t)
		if got := asked(morning); len(got) != 0 {
			t.Errorf("covered by bea, asked of %v", got)
		}
		off := true
		must(w.accounts.Update(ctx, w.people["admin"], morning, w.id("bea"), 0, account.Change{Disabled: &off}))(t)
		at := morning.Add(2 * time.Hour)
		must(0, s.changes(func() time.Time { return at }).CatchUp(ctx, w.st, lease))(t)
		if got := asked(at); len(got) != 0 {
			t.Fatalf("the consumer began in the midst: %v", got)
		}
		must(w.accounts.Update(ctx, w.people["admin"], morning, w.id("bea"), 0, account.Change{Language: ptr("en")}))(t)
		for range 2 {
			must(0, s.changes(func() time.Time { return at }).CatchUp(ctx, w.st, lease))(t)
		}
		first.Found, second.Found = at, at
		if got, want := asked(at), []string{first.key(), second.key()}; !slices.Equal(got, want) {
			t.Errorf("bea may not work any more: asked of %v, want %v", got, want)
		}
		due := must(s.due().Pass(ctx, w.st, lease, first.Until))(t)
		if got, want := asked(at), []string{second.key()}; !slices.Equal(got, want) {
			t.Errorf("after the first, asked of %v, want %v", got, want)
		}
		if known := must(holes.Get(ctx, w.st, st.ID))(t); due != 1 || len(known.Known) != 1 || !known.LookAt.After(first.Until) {
			t.Errorf("after the first: %d done, %v", due, known)
		}
	})
}

// What is missing follows qualifications, items and days, and is told once.
func TestHolesOfQualifications(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ctx, s, now := t.Context(), w.stations, morning
		lease := must(w.st.Acquire(ctx, "test", "test", time.Hour))(t)
		catchUp := func() {
			t.Helper()
			for range 2 {
				must(0, s.changes(func() time.Time { return now }).CatchUp(ctx, w.st, lease))(t)
			}
		}
		catchUp() // begins here
		st := w.staffed()
		check := func(what string, want ...Hole) {
			t.Helper()
			known, open := must(holes.Get(ctx, w.st, st.ID))(t).Known, true
			asked, _, err := w.todos.List(ctx, w.people["ann"], now, todoOpen(&open))
			same := slices.EqualFunc(known, want, func(a, b Hole) bool {
				return a.Qualification == b.Qualification && a.Lasting == b.Lasting && a.From.Equal(b.From) && a.Until.Equal(b.Until)
			})
			asked = slices.DeleteFunc(asked, func(it todo.Shown) bool { return it.Kind != HoleAhead })
			if err != nil || !same || len(asked) != len(want) {
				t.Fatalf("%s: %v, and the director is asked of %d; want %v; %v", what, known, len(asked), want, err)
			}
		}
		at := func(days, hour int) time.Time {
			return morning.Add(time.Duration(days)*day + time.Duration(hour-8)*time.Hour)
		}
		check("all are qualified")

		now = at(0, 17)
		must(w.held.Revoke(ctx, access.Program, now, w.given["cai"].ID, 0, "考核未通过"))(t)
		catchUp()
		check("taken away within the late shift", Hole{Qualification: general, Lasting: true, From: at(0, 17), Until: at(14, 17)})
		cover := must(s.Cover(ctx, w.people["ann"], now, st.ID, Span{at(0, 0), at(1, 0)}))(t)
		if len(cover) != 2 || len(cover[0].Missing) != 0 || len(cover[1].Missing) != 1 || cover[1].Missing[0].Span != (Span{at(0, 17), at(0, 21)}) || !slices.Equal(cover[1].Missing[0].Items, st.Items) {
			t.Errorf("the cover of the day: %+v", cover)
		}
		w.qualify("cai", "2026-11-24", "2026-12-20")
		catchUp()
		check("from tomorrow on", Hole{Qualification: general, Lasting: true, From: at(0, 17), Until: at(0, 21)})

		now = at(0, 21)
		must(s.due().Pass(ctx, w.st, lease, now))(t)
		check("the day is over")
		now = at(17, 0)
		must(s.due().Pass(ctx, w.st, lease, now))(t)
		runsOut := Hole{Qualification: general, Lasting: true, From: at(28, 15), Until: at(30, 21)}
		check("it runs out within the days ahead", runsOut)

		it := must(w.items.At(ctx, w.st, st.Items[0], now))(t)
		content := it.Content
		content.Qualification = welfare
		must(w.items.Put(ctx, w.people["admin"], now, it.Code, 0, service.Decision{From: "2026-12-12", Content: content}))(t)
		catchUp()
		check("an item needs what nobody has", Hole{Qualification: welfare, Lasting: true, From: at(19, 9), Until: at(30, 21)}, runsOut)
	})
}

// A resident is told where to go, when, and what to bring.
func TestWhere(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.stations
		st := w.staffed()
		must(s.AddAbsence(ctx, w.people["cai"], morning, st.ID, AbsenceIn{Account: w.id("cai"), Reason: "leave", Span: Span{morning, morning.Add(day)}}))(t)
		all := must(w.items.All(ctx, w.st, morning))(t)
		welfareItem := all[slices.IndexFunc(all, func(it *service.Item) bool { return it.Qualification == welfare })].Code
		for _, c := range []struct {
			item  string
			hours int // after 8:00
			want  string
		}{
			{st.Items[0], 0, "opens 09:00, next 09:00 to 15:00"},
			{st.Items[0], 2, "open to 21:00, now to 15:00"},
			{st.Items[0], 8, "open to 21:00, next 09:00 to 21:00"},
			{st.Items[0], 24 + 8, "open to 21:00, now to 21:00"},
			{welfareItem, 2, ""}, // which the station does not take
		} {
			found := must(s.Where(ctx, w.people["resident"], morning, Asked{Item: c.item, At: morning.Add(time.Duration(c.hours) * time.Hour), Community: worldtest.JiaTwo}))(t)
			got := ""
			for _, one := range found.Counters {
				clock := func(t time.Time) string { return t.Add(8 * time.Hour).Format("15:04") }
				if got = "opens " + clock(one.Opens.From); one.Open != nil {
					got = "open to " + clock(one.Open.Until)
				}
				if one.Now {
					got += ", now to " + clock(one.Next.Until)
				} else {
					got += ", next " + clock(one.Next.From) + " to " + clock(one.Next.Until)
				}
			}
			if got != c.want {
				t.Errorf("%s after %d hours: %q, want %q", c.item, c.hours, got, c.want)
			}
		}
		if found := must(s.Where(ctx, w.people["resident"], morning, Asked{Item: st.Items[0], At: morning.Add(40 * day), Community: worldtest.JiaTwo}))(t); len(found.Counters) != 0 {
			t.Errorf("served no longer, and told of %v", found.Counters)
		}
	})
}
