package visit

import (
	"time"

	"github.com/paulmach/orb/geo"

	"wangge/domain"
)

// Doubt is why a proof of visit may be weak.
type Doubt string

const (
	TooFar       Doubt = "too_far"               // 距离过远: metres from the household beyond the accuracy of the position
	Imprecise    Doubt = "imprecise"             // 定位精度差: metres
	MockLocation Doubt = "mock_location"         // 模拟定位
	TooFast      Doubt = "too_fast"              // 移动过快: km/h from or to the neighbouring check-in of the same person
	TooShort     Doubt = "too_short"             // 停留过短: below so many seconds, when somebody was met at home
	PhotoReused  Doubt = "photo_reused"          // 照片重复使用: pictures that another stop had
	ClockSkew    Doubt = Doubt(domain.ClockSkew) // 设备时钟偏差: seconds
	SentLate     Doubt = Doubt(domain.SentLate)  // 补传过晚: hours from the check-in until it was sent
)

// Doubts lists them all.
var Doubts = domain.CodesOf[Doubt](DoubtWords)

// Evidence is what is known of a stop's truth. What was not measured is nil.
type Evidence struct {
	DistanceM *float64 `store:"distanceM,omitempty"` // from the household
	AccuracyM *float64 `store:"accuracyM,omitempty"` // radius in which the position is, as the device said
	Mock      bool     `store:"mock"`                // the device said that its position was made up
	SpeedKMH  *float64 `store:"speedKmh,omitempty"`
	DwellS    *float64 `store:"dwellS,omitempty"`
	Reused    int      `store:"reused"` // photos
	SkewS     float64  `store:"skewS"`  // device clock ahead of ours, by so many seconds
	DelayH    float64  `store:"delayH"` // hours from the check-in until it came in
}

// Flag is a doubt found, with what was measured and the threshold of then.
type Flag struct {
	Doubt    Doubt   `store:"doubt"`
	Measured float64 `store:"measured"`
	Limit    float64 `store:"limit"`
	Score    int     `store:"score"`
}

// Judge lists the doubts of the evidence, and their scores together, 100 at most.
func (p *Policy) Judge(e Evidence) (flags []Flag, score int) {
	flags = []Flag{}
	flag := func(d Doubt, measured float64, doubtful bool) {
		if t := p.Thresholds[d]; doubtful {
			flags = append(flags, Flag{d, measured, t.Limit, t.Score})
			score = min(score+t.Score, 100)
		}
	}
	over := func(d Doubt, measured float64) { flag(d, measured, measured > p.Thresholds[d].Limit) }
	accuracy := 0.0
	if e.AccuracyM != nil {
		accuracy = *e.AccuracyM
		over(Imprecise, accuracy)
	}
	if e.DistanceM != nil {
		flag(TooFar, *e.DistanceM, *e.DistanceM-accuracy > p.Thresholds[TooFar].Limit)
	}
	if e.Mock {
		flag(MockLocation, 1, true)
	}
	if e.SpeedKMH != nil {
		over(TooFast, *e.SpeedKMH)
	}
	if e.DwellS != nil {
		flag(TooShort, *e.DwellS, *e.DwellS < p.Thresholds[TooShort].Limit)
	}
	if e.Reused > 0 {
		flag(PhotoReused, float64(e.Reused), true)
	}
	over(ClockSkew, max(e.SkewS, -e.SkewS))
	over(SentLate, e.DelayH)
	return flags, score
}

// ProofState is what became of a stop's proof.
type ProofState string

const (
	Pending  ProofState = ""         // the stop is not over
	Clear    ProofState = "clear"    // nothing that asks for a review
	Flagged  ProofState = "flagged"  // 待审核
	Accepted ProofState = "accepted" // 审核通过
	Rejected ProofState = "rejected" // 审核不通过
)

// Proof 到访凭证 of a stop.
type Proof struct {
	Evidence Evidence   `store:"evidence"`
	Flags    []Flag     `store:"flags"`
	Score    int        `store:"score"`
	State    ProofState `store:"state"`
	By       string     `store:"by,omitempty"` // who reviewed it
	At       time.Time  `store:"at,omitempty"`
	Note     string     `store:"note,omitempty"`
}

// weigh judges the evidence anew.
func (pr *Proof) weigh(p *Policy) { pr.Flags, pr.Score = p.Judge(pr.Evidence) }

// speed is how fast somebody was between two stops, in km/h; nothing when both
// are in one building, or nearer than the positions are exact.
func speed(a, b *Stop) (float64, bool) {
	if a.Position == nil || b.Position == nil || a.Building != "" && a.Building == b.Building {
		return 0, false
	}
	metres := geo.Distance(a.Position.At(), b.Position.At()) - a.Position.radius() - b.Position.radius()
	if metres <= 0 {
		return 0, false
	}
	apart := b.At.Sub(a.At).Abs()
	return metres / 1000 / max(apart, time.Second).Hours(), true
}

func (p *Position) radius() float64 {
	if p.AccuracyM == nil {
		return 0
	}
	return *p.AccuracyM
}
