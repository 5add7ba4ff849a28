package link

import "wangge/domain"

// KindWords are what two things have to do with one another.
var KindWords = domain.NewEnum("LinkKind",
	domain.W(OriginatedFrom, "来源于", "originated from"), domain.W(FollowUp, "跟进", "follow-up"), domain.W(SameMatter, "同一事项", "the same matter"))

// Enum makes a kind a word of the contract.
func (Kind) Enum() domain.Enum { return KindWords }

// ThingWords are what a link may have at an end.
var ThingWords = domain.NewEnum("LinkedThing",
	domain.W(Ticket, "工单", "a ticket"), domain.W(Case, "受理件", "an intake case"), domain.W(Visit, "走访", "a visit"), domain.W(Stop, "一次敲门", "a stop at a door"))

// Enum makes a thing a word of the contract.
func (Thing) Enum() domain.Enum { return ThingWords }

// Direction is which way a link goes, as seen from one of its ends.
type Direction string

const (
	Out  Direction = "out"  // this one came later: it originated from the other, or follows it up
	In   Direction = "in"   // the other did
	Both Direction = "both" // neither: the same matter
)

// DirectionWords are the ways a link goes.
var DirectionWords = domain.NewEnum("LinkDirection",
	domain.W(Out, "本件来源于或跟进对方", "this came of the other or follows it up"), domain.W(In, "对方来源于或跟进本件", "the other came of this or follows it up"), domain.W(Both, "互为同一事项", "neither: the same matter"))

// Enum makes a direction a word of the contract.
func (Direction) Enum() domain.Enum { return DirectionWords }

// Enums of this package.
var Enums = []domain.Enum{KindWords, ThingWords, DirectionWords}
