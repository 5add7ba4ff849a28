package household

import (
	"slices"
	"strings"
	"time"

	"wangge/domain"
)

// Level of risk that a tag on somebody has, where levels are used.
type Level string

// Levels of risk, least first; "" is none said.
var Levels = append([]Level{""}, domain.CodesOf[Level](LevelWords)...)

// TagSource is where a tag comes from.
type TagSource string

// TagSources: seen at a visit, taken from a register 台账, imported, said by themselves.
var TagSources = domain.CodesOf[TagSource](TagSourceWords)

const (
	tagsMost    = 20 // of a member, ended ones too
	membersMost = 30
)

// Tag 标签 on a member, in force from Since until Until.
type Tag struct {
	Code   string    `store:"code"`
	Level  Level     `store:"level,omitempty"`
	Since  time.Time `store:"since"`
	Until  time.Time `store:"until,omitempty"` // zero: until further notice
	Source TagSource `store:"source"`
}

// InForce reports whether the tag holds at a time.
func (t Tag) InForce(now time.Time) bool {
	return !t.Since.After(now) && (t.Until.IsZero() || t.Until.After(now))
}

// turns is when the clock next begins or ends the tag; zero: never.
func (t Tag) turns(now time.Time) time.Time {
	switch {
	case t.Since.After(now):
		return t.Since
	case t.Until.After(now):
		return t.Until
	}
	return time.Time{}
}

// Tags are the household's tags in force at a time, each with its highest
// level, by code: those of the members rolled up.
func (h *Household) Tags(now time.Time) []Tag {
	var out []Tag
	for _, m := range h.Members {
		for _, t := range m.Tags {
			if !t.InForce(now) {
				continue
			}
			i := slices.IndexFunc(out, func(o Tag) bool { return o.Code == t.Code })
			switch {
			case i < 0:
				out = append(out, t)
			case slices.Index(Levels, t.Level) > slices.Index(Levels, out[i].Level):
				out[i] = t
			}
		}
	}
	slices.SortFunc(out, func(a, b Tag) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// Tag returns the tag that the household has at a time, with the highest level of its members'.
func (h *Household) Tag(code string, at time.Time) (Tag, bool) {
	tags := h.Tags(at)
	i := slices.IndexFunc(tags, func(t Tag) bool { return t.Code == code })
	if i < 0 {
		return Tag{}, false
	}
	return tags[i], true
}

// marks are the tags in force and the occupancy, as lists ask for them, and
// when the clock next changes them.
func marks(o Occupancy, members []Member, now time.Time) (out []string, roll time.Time) {
	out = []string{occupancyMark(o)}
	for _, m := range members {
		for _, t := range m.Tags {
			if t.InForce(now) {
				out = append(out, tagMark(t.Code))
			}
			if at := t.turns(now); !at.IsZero() && (roll.IsZero() || at.Before(roll)) {
				roll = at
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), roll
}

func tagMark(code string) string       { return "tag:" + code }
func occupancyMark(o Occupancy) string { return "occupancy:" + string(o) }

var tooManyTags = domain.T("标签最多 20 个", "20 tags at most")

// tag is the tag that the input describes, of those that the street knows.
func (in TagInput) tag(known []TagDefinition, now time.Time, pointer string, bad *domain.InvalidError) Tag {
	t := Tag(in)
	if t.Since.IsZero() {
		t.Since = now
	}
	if t.Source == "" {
		t.Source = "registry"
	}
	if !slices.ContainsFunc(known, func(d TagDefinition) bool { return d.Code == t.Code && !d.Retired }) {
		bad.Add(pointer+"/code", domain.T("未知的标签", "unknown tag"))
	}
	if !slices.Contains(Levels, t.Level) {
		bad.Add(pointer+"/level", LevelWords.Fault())
	}
	if !t.Until.IsZero() && !t.Until.After(t.Since) {
		bad.Add(pointer+"/until", domain.T("截止时间应晚于开始时间", "must be after since"))
	}
	if !slices.Contains(TagSources, t.Source) {
		bad.Add(pointer+"/source", TagSourceWords.Fault())
	}
	return t
}

// put puts a tag on the member in the place of the one of its code that has not ended.
func (m *Member) put(t Tag) {
	i := slices.IndexFunc(m.Tags, func(o Tag) bool { return o.Code == t.Code && (o.Until.IsZero() || o.Until.After(t.Since)) })
	if i < 0 {
		m.Tags = append(m.Tags, t)
	} else {
		m.Tags[i] = t
	}
}

// end ends the tag of a code now; one that has not begun is taken away. It
// reports whether there was one to end.
func (m *Member) end(code string, now time.Time) bool {
	i := slices.IndexFunc(m.Tags, func(t Tag) bool { return t.Code == code && (t.Until.IsZero() || t.Until.After(now)) })
	switch {
	case i < 0:
		return false
	case m.Tags[i].Since.Before(now):
		m.Tags[i].Until = now
	default:
		m.Tags = slices.Delete(m.Tags, i, i+1)
	}
	return true
}
