// Package posting knows where somebody works, from when to when 任职. Posts of
// cells and of stations are dated where they are; the package keeps what is
// neither (the counters of before, mediation, teams that visit, offices) and
// reads all of them as one. Of several posts at a time one is somebody's
// principal one, so that everybody is counted once. It knows no figures.
package posting

import (
	"cmp"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/personal"
	"wangge/store"
)

// Kind is what somebody does where they are posted.
type Kind string

const (
	Counter         Kind = "counter"          // 窗口
	Grid            Kind = "grid"             // 网格
	Mediation       Kind = "mediation"        // 矛盾调解
	VisitingTeam    Kind = "visiting_team"    // 走访服务队
	CommunityOffice Kind = "community_office" // 社区办公室: secretary, director
	Other           Kind = "other"
)

// KindWords are the kinds there are, in their precedence.
var KindWords = domain.NewEnum("PostingKind",
	domain.W(Counter, "窗口", "counter"), domain.W(Grid, "网格", "grid"), domain.W(Mediation, "矛盾调解", "mediation"),
	domain.W(VisitingTeam, "走访服务队", "visiting team"), domain.W(CommunityOffice, "社区办公室", "community office"), domain.W(Other, "其他", "other"))

// Enum makes a kind a word of the contract.
func (Kind) Enum() domain.Enum { return KindWords }

// Kinds are in their precedence: of several posts at a time the first kind is somebody's principal one.
var Kinds = domain.CodesOf[Kind](KindWords)

// None stands for having no post at all, where kinds are compared.
const None Kind = "none"

// WasWords are what somebody may have been at another time.
var WasWords = domain.NewEnum("PostingKindThen", append(slices.Clone(KindWords.Words), domain.W(None, "无任职", "no post"))...)

// Enums of this package.
var Enums = []domain.Enum{KindWords, WasWords}

// Posting 任职 is a time that somebody works in a street or one of its
// communities, and is on the staff of no cell or station for it.
type Posting struct {
	store.Meta `store:",inline"`
	Who        string          `store:"who"`               // the person, whatever they are posted to: see Whoever
	Account    string          `store:"account,omitempty"` // of the person, if they have one
	Name       personal.Sealed `store:"name,omitempty"`    // of a person without
	Number     string          `store:"number,omitempty"`  // 工号, of a person without: tells two of one name apart
	Place      access.Place    `store:"place"`             // a street, or a community
	Kind       Kind            `store:"kind"`
	Unit       string          `store:"unit,omitempty"`  // the team or office
	From       civil.Date      `store:"from,omitempty"`  // the first day; "": from before anybody knows
	Until      civil.Date      `store:"until,omitempty"` // the last day; "": until further notice
	Sent       string          `store:"sent,omitempty"`  // blind index of the posting as it was sent first
	UpdatedAt  time.Time       `store:"updatedAt"`
}

// postings is every posting, in its street's partition.
var postings = store.Declare[Posting](store.Declaration{
	Name: "postings", Schema: 1,
	Indexes: []string{"street: place.street, who"},
})

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{postings} }

// begins is the moment from which it holds; zero: always.
func (p *Posting) begins() time.Time { return p.From.Start() }

// ends is the first moment when it holds no more; zero: never.
func (p *Posting) ends() time.Time {
	if p.Until == "" {
		return time.Time{}
	}
	return p.Until.Add(1).Start()
}

// clashes reports whether two postings say of a person the same, for a day of both.
func (p *Posting) clashes(o *Posting) bool {
	return p.ID != o.ID && p.Who == o.Who && p.Kind == o.Kind && p.Place == o.Place &&
		(p.Until == "" || o.From <= p.Until) && (o.Until == "" || p.From <= o.Until)
}

// Post is somebody's place of work, wherever it is on record.
type Post struct {
	Key           string // names it among all posts, by the person first
	Who           string
	Account       string   // "" for who has none
	Posting       *Posting // nil for a post of a cell or a station
	Kind          Kind
	Place         access.Place // as of today
	Cell, Station string       // ids
	Unit          string
	From, Until   time.Time // zero leaves that end open
}

// Holds reports whether they are posted there at a moment. A post of a cell or
// station without a first day counts from the moment undated on.
func (p *Post) Holds(at, undated time.Time) bool {
	from := p.From
	if from.IsZero() && p.Posting == nil {
		from = undated
	}
	return !at.Before(from) && (p.Until.IsZero() || at.Before(p.Until))
}

// Principal is the post of each person at a moment by which they are counted,
// by person: of the first of Kinds; of several of that kind the one that began
// first, and of several that began together the first by Key. undated is as of Holds.
func Principal(posts []*Post, at, undated time.Time) map[string]*Post {
	out := map[string]*Post{}
	for _, p := range posts {
		if was := out[p.Who]; p.Holds(at, undated) && (was == nil || p.before(was) < 0) {
			out[p.Who] = p
		}
	}
	return out
}

func (p *Post) before(o *Post) int {
	return cmp.Or(cmp.Compare(slices.Index(Kinds, p.Kind), slices.Index(Kinds, o.Kind)), p.From.Compare(o.From), cmp.Compare(p.Key, o.Key))
}
