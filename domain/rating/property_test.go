package rating

import (
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/ticket"
	"wangge/domain/worldtest"
)

// history is a random one, beside what somebody with a notebook would have written down of it.
type history struct {
	*world
	rng  *rand.Rand
	now  time.Time
	note map[string]*noted // by what was over: of a ticket with when
	keys []string          // of note, in the order in which they came
}

type noted struct {
	about About
	grade int
	state State
	after int
	tries int
	id    string // of the rating
	item  string
}

func (h *history) write(key string, n *noted) {
	h.note[key] = n
	h.keys = append(h.keys, key)
}

func (h *history) some(fits func(*noted) bool) *noted {
	var all []*noted
	for _, key := range h.keys {
		if n := h.note[key]; n != nil && fits(n) {
			all = append(all, n)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[h.rng.IntN(len(all))]
}

// step does one thing, and notes it.
func (h *history) step() {
	h.now = h.now.Add(time.Duration(1+h.rng.IntN(90)) * time.Minute)
	switch h.rng.IntN(9) {
	case 0:
		item := []string{"insurance", "allowance"}[h.rng.IntN(2)]
		about := h.done(item, h.now)
		h.write(about.key(), &noted{about: about, item: map[string]string{"insurance": item}[item]})
	case 1:
		about := h.met(h.now)
		h.write(about.key(), &noted{about: about})
	case 2:
		about := h.closes(h.reported(h.now), h.now)
		h.write(about.key()+h.now.String(), &noted{about: about})
	case 3: // reopened: what was not rated of it goes
		n := h.some(func(n *noted) bool { return n.about.Kind == Ticket })
		if n == nil {
			return
		}
		if _, err := h.tickets.TakeAction(h.t.Context(), h.people["lead"], h.now, n.about.ID, 0, ticket.ActionInput{Action: ticket.Reopen, Reason: "未解决"}); err != nil {
			return // it is open
		}
		for key, o := range h.note {
			if o != nil && o.about == n.about && o.grade == 0 {
				h.note[key] = nil
			}
		}
		if h.rng.IntN(2) == 0 {
			h.closes(n.about.ID, h.now)
			h.write(n.about.key()+h.now.String(), &noted{about: n.about})
		}
	case 4: // collected: the same matter, and rated once
		if n := h.some(func(n *noted) bool { return n.about.Kind == Case }); n != nil {
			_, _ = h.cases.TakeAction(h.t.Context(), h.people["counter"], h.now, n.about.ID, 0, intake.ActionInput{Action: intake.Collect})
		}
	case 5, 6:
		n := h.some(func(n *noted) bool { return n.grade == 0 })
		if n == nil {
			return
		}
		grade := 1 + h.rng.IntN(Best)
		for range 1 + h.rng.IntN(2) { // a second one is refused
			own, err := h.rate("resident", h.now, n.about, grade)
			if n.grade == 0 {
				must(own, err)(h.t)
				n.grade, n.id = grade, own.ID
				if bad(n.about.Kind, grade) {
					n.state = Open
				}
			} else if worldtest.Conflict(err) != "rated" {
				h.t.Errorf("a second rating: %v", err)
			}
			grade = 1 + h.rng.IntN(Best)
		}
	case 7:
		if n := h.some(func(n *noted) bool { return n.state == Open }); n != nil {
			must(h.act("manager", h.now, n.id, ActionInput{Action: StateResult, Text: "已整改"}))(h.t)
			n.state, n.tries = Stated, 0
		}
	case 8:
		h.callBack()
	}
}

func (h *history) callBack() {
	n := h.some(func(n *noted) bool { return n.state == Stated || n.state == CalledBack })
	switch {
	case n == nil:
	case n.state == CalledBack:
		must(h.act("community", h.now, n.id, ActionInput{Action: Again}))(h.t)
		n.state = Open
	default:
		reached, grade := h.rng.IntN(3) > 0, 1+h.rng.IntN(Best)
		in := ActionInput{ID: ids.New(), Action: CallBack, Reached: &reached}
		if reached {
			in.Grade = grade
		}
		for range 2 { // sent again
			must(h.act("community", h.now, n.id, in))(h.t)
		}
		switch {
		case !reached:
			n.tries++
		case grade >= 3:
			n.state, n.after = Closed, grade
		default:
			n.state, n.after = CalledBack, grade
		}
	}
}

// want is a figure of what is noted.
func (h *history) want(figure Figure, kind Kind, item string) (count int64) {
	for _, n := range h.note {
		if n == nil || kind != "" && n.about.Kind != kind || item != "" && n.item != item {
			continue
		}
		counts := map[Figure]bool{Rateable: true, RatedFigure: n.grade > 0, Unrated: n.grade == 0, Good: n.grade >= 3, ToRectify: n.state != "", Rectified: n.state != "" && n.state != Open, Reached: n.after > 0, Satisfied: n.after >= 3}
		for grade := 1; grade <= Best; grade++ {
			counts[gradeFigure(grade)] = n.grade == grade
		}
		if counts[figure] {
			count++
		}
	}
	return count
}

// check holds every figure to the notes, and to the list behind it.
func (h *history) check() {
	t := h.t
	h.follow(h.now)
	for _, f := range []Filter{{}, {Area: worldtest.JiaOne}, {Kinds: []Kind{Case}}, {Kinds: []Kind{Visit}}, {Kinds: []Kind{Ticket}}, {Item: "insurance"}} {
		kind := Kind("")
		if len(f.Kinds) > 0 {
			kind = f.Kinds[0]
		}
		counts := must(h.ratings.Counts(t.Context(), h.people["manager"], f, ""))(t)[0].Figures
		for _, figure := range Figures {
			f.Figure, f.Limit, f.Cursor = figure, 7, ""
			listed := int64(0)
			for {
				page, next, err := h.ratings.List(t.Context(), h.people["manager"], f)
				listed += int64(len(must(page, err)(t)))
				if f.Cursor = next; next == "" {
					break
				}
			}
			if want := h.want(figure, kind, f.Item); counts[figure] != want || listed != want {
				t.Errorf("%s of %+v: counted %d, listed %d, noted %d", figure, f, counts[figure], listed, want)
			}
		}
	}
	for _, by := range domain.CodesOf[string](GroupWords) {
		sum := map[Figure]int64{}
		for _, c := range must(h.ratings.Counts(t.Context(), h.people["manager"], Filter{}, by))(t) {
			for figure, n := range c.Figures {
				sum[figure] += n
			}
		}
		all := must(h.ratings.Counts(t.Context(), h.people["manager"], Filter{}, ""))(t)[0].Figures
		maps.DeleteFunc(sum, func(_ Figure, n int64) bool { return n == 0 })
		maps.DeleteFunc(all, func(_ Figure, n int64) bool { return n == 0 })
		if !maps.Equal(sum, all) {
			t.Errorf("by %s: %v, and in all %v", by, sum, all)
		}
	}
	if other := must(h.ratings.Counts(t.Context(), h.people["other manager"], Filter{}, ""))(t)[0].Figures; other[Rateable] != 0 {
		t.Errorf("another street counts %v", other)
	}
}

// Whatever happens in whatever order, and however often the journal is read, each figure is what was noted.
func TestFiguresAreWhatHappened(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		h := &history{world: w, rng: rand.New(rand.NewPCG(63, 1)), now: noon, note: map[string]*noted{}}
		for n := range 120 {
			h.step()
			if n%40 == 39 {
				h.check()
			}
		}
	})
}
