package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/store"
)

const (
	trips       = 50 // most of a case; so are the others
	missings    = 50
	pauses      = 50
	materials   = 50
	photosMost  = 20 // of a material
	reasonLong  = 500
	addressLong = 200
	missingLong = 200
)

// checkUpsert notes everything that is wrong with what is said, and finds the community.
func (s *Cases) checkUpsert(now time.Time, key Key, in *Upsert, may func(access.Place) bool) (access.Place, error) {
	bad := &domain.InvalidError{Fields: in.Wrong.Fields}
	if !systemForm.MatchString(key.System) || key.System == Local {
		return access.Place{}, domain.ErrForbidden // nobody speaks for it
	}
	required(bad, "/number", key.Number)
	short(bad, "/number", key.Number, wordLongest)
	required(bad, "/item", in.Item)
	required(bad, "/state", in.State)
	short(bad, "/state", in.State, wordLongest)
	if in.Version != nil && *in.Version < 0 {
		bad.Add("/version", domain.T("不能为负数", "must not be negative"))
	}
	soon := now.Add(ahead)
	moment := func(pointer string, at time.Time, needed bool) {
		switch {
		case at.IsZero() && needed:
			bad.Add(pointer, domain.Missing)
		case at.After(soon):
			bad.Add(pointer, domain.T("时间在未来", "lies in the future"))
		case !at.IsZero() && at.Year() < 2000:
			bad.Add(pointer, domain.T("时间过早", "lies too far back"))
		}
	}
	moment("/changedAt", in.ChangedAt, true)
	moment("/openedAt", in.OpenedAt, true)
	moment("/acceptedAt", in.AcceptedAt, false)
	moment("/closedAt", in.ClosedAt, false)
	if len(in.Pauses) > pauses {
		bad.Add("/pauses", domain.Textf("最多 %d 项", "%d at most", pauses))
	}
	for i, p := range in.Pauses {
		at := fmt.Sprintf("/pauses/%d", i)
		moment(at+"/from", p.From, true)
		moment(at+"/until", p.Until, i < len(in.Pauses)-1)
		if !p.Until.IsZero() && p.Until.Before(p.From) || i > 0 && p.From.Before(in.Pauses[i-1].Until) {
			bad.Add(at, domain.T("时间段应依次排列", "must follow each other"))
		}
	}
	short(bad, "/address", in.Address, addressLong)
	short(bad, "/reason", in.Reason, reasonLong)
	checkMissing(bad, in.Missing)
	if len(in.Trips) > trips {
		bad.Add("/trips", domain.Textf("最多 %d 项", "%d at most", trips))
	}
	for i, t := range in.Trips {
		checkTrip(bad, fmt.Sprintf("/trips/%d", i), t, now)
	}
	in.Applicant.check("/applicant", now, bad)
	at, known := communityOf(s.areas.Tree(), in.Community)
	if !known {
		bad.Add("/community", domain.T("没有这个社区", "no such community"))
	} else if !may(at) {
		bad.Add("/community", domain.T("社区不在您的授权范围内", "the community is outside what you are granted"))
	}
	return at, bad.Err()
}

func checkTrip(bad *domain.InvalidError, pointer string, t Trip, now time.Time) {
	if t.On == "" {
		bad.Add(pointer+"/on", domain.Missing)
	} else if t.On > civil.DateOf(now.Add(ahead)) {
		bad.Add(pointer+"/on", domain.T("时间在未来", "lies in the future"))
	}
	short(bad, pointer+"/reason", t.Reason, reasonLong)
}

func checkMissing(bad *domain.InvalidError, missing []string) {
	if len(missing) > missings {
		bad.Add("/missing", domain.Textf("最多 %d 项", "%d at most", missings))
		return
	}
	for i, m := range missing {
		at := fmt.Sprintf("/missing/%d", i)
		required(bad, at, m)
		short(bad, at, m, missingLong)
	}
}

func required(bad *domain.InvalidError, pointer, text string) {
	if strings.TrimSpace(text) == "" {
		bad.Add(pointer, domain.Missing)
	}
}

func short(bad *domain.InvalidError, pointer, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		bad.Add(pointer, domain.T("内容过长", "too long"))
	}
}

// communityOf is the place of a community by its code, or of the one that it became.
func communityOf(tree *area.Tree, code string) (access.Place, bool) {
	a, ok := tree.EverByCode(code)
	if !ok {
		return access.Place{}, false
	}
	heirs := tree.Heirs(a.ID)
	if a, ok = tree.ByID(heirs[len(heirs)-1]); !ok || !a.Valid() {
		return access.Place{}, false
	}
	return a.Place, a.Place.Community != ""
}

var noItem = domain.T("没有这个事项", "no such service item")

// item is the service item of a code as it was when the case was opened, or,
// of one that was not on record then, as it is now; sensitive, if it is so by
// now. InvalidError at /item.
func (s *Cases) item(ctx context.Context, r store.Reader, code string, opened, now time.Time) (Item, error) {
	today, err := s.items.At(ctx, r, code, now)
	if errors.Is(err, domain.ErrNotFound) {
		return Item{}, domain.Invalid("/item", noItem)
	}
	if err != nil {
		return Item{}, err
	}
	then, err := s.items.At(ctx, r, code, opened)
	if errors.Is(err, domain.ErrNotFound) {
		then, err = today, nil
	}
	if err != nil {
		return Item{}, err
	}
	out := itemOf(then)
	out.Sensitive = out.Sensitive || today.Sensitive
	return out, nil
}

func itemOf(it *service.Item) Item {
	return Item{Code: it.Code, Version: it.Number, Name: it.Name, Category: it.Category, WorkingDays: it.WorkingDays, Sensitive: it.Sensitive}
}

// stationThere refuses a station that there is not; was is known to be.
func stationThere(ctx context.Context, r store.Reader, id, was string) error {
	if id == "" || id == was {
		return nil
	}
	_, err := station.Load(ctx, r, id)
	if errors.Is(err, store.ErrNotFound) {
		return domain.Invalid("/station", domain.T("没有这个服务站", "no such station"))
	}
	return err
}
