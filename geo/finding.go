package geo

import (
	"fmt"

	"github.com/paulmach/orb"
)

// Severity says what a finding means for its feature.
type Severity string

const (
	SeverityError   Severity = "error"   // the feature cannot be used
	SeverityMended  Severity = "mended"  // it was put right and can
	SeverityWarning Severity = "warning" // it can be used, but someone should look
)

// Finding is one thing noticed about a boundary.
type Finding struct {
	Feature   int    // index in the document
	Pointer   string // RFC 6901, into the document
	Kind      string // a stable word, one of the Kind constants
	Severity  Severity
	Neighbour int     // index of another feature concerned, -1 if none
	AreaM2    float64 // of an overlap or a gap, in square metres
	ZH, EN    string  // the same sentence in Chinese and English
}

// The kinds of findings.
const (
	KindStructure    = "structure"        // not a Feature, or arrays nested the wrong way
	KindNoGeometry   = "no_geometry"      // geometry missing, null or empty
	KindGeometryType = "geometry_type"    // neither Polygon nor MultiPolygon
	KindPosition     = "position"         // not an array of two or more numbers
	KindNotFinite    = "not_finite"       // a number too large to be one
	KindOutOfRange   = "out_of_range"     // off the globe
	KindSwapped      = "swapped"          // latitude before longitude
	KindOutside      = "outside_service"  // on the globe, far from China: a warning
	KindUnclosed     = "unclosed"         // the last point of a ring is not its first
	KindTooFew       = "too_few_points"   // a ring of fewer than four
	KindTooMany      = "too_many_points"  // a ring of more than MaxRingPoints
	KindNoArea       = "no_area"          // a ring that encloses nothing
	KindSelfCrossing = "self_crossing"    // a ring that crosses or touches itself
	KindHole         = "hole_outside"     // a hole not inside its shell
	KindHoles        = "holes_overlap"    // holes that overlap or cut the polygon apart
	KindParts        = "parts_overlap"    // polygons of one feature that overlap
	KindWinding      = "winding"          // mended: turned to RFC 7946's order
	KindDuplicate    = "duplicate_points" // mended: repeated points dropped
	KindOverlap      = "overlap"          // two features claim the same ground
	KindGap          = "gap"              // ground enclosed by features that none claims
	KindUnchecked    = "unchecked"        // the comparison failed numerically: a warning
)

// words are the sentences of a kind that concerns a ring or one of its
// points; %d is how many points.
var words = map[string][2]string{
	KindPosition:     {"坐标应为经度、纬度两个数（共 %d 处）", "a position must be two numbers, longitude and latitude (%d of them)"},
	KindNotFinite:    {"坐标数值过大（共 %d 处）", "a coordinate is not a finite number (%d of them)"},
	KindOutOfRange:   {"坐标超出经纬度范围（共 %d 处）", "a position is out of range (%d of them)"},
	KindSwapped:      {"经纬度疑似颠倒：应先经度后纬度（共 %d 处）", "longitude and latitude look swapped: longitude comes first (%d of them)"},
	KindOutside:      {"位置不在中国范围内（共 %d 处）", "a position is far from China (%d of them)"},
	KindUnclosed:     {"边界环未闭合：末点应与首点相同（共 %d 点）", "the ring is not closed: its last point must equal its first (%d points)"},
	KindTooFew:       {"边界环少于四个点（去重后 %d 点）", "the ring has fewer than four different points with the closing one (%d)"},
	KindTooMany:      {"边界环的点过多（%d 点）", "the ring has too many points (%d)"},
	KindNoArea:       {"边界环没有面积（共 %d 点）", "the ring encloses no area (%d points)"},
	KindSelfCrossing: {"边界环自相交或自接触（共 %d 点）", "the ring crosses or touches itself (%d points)"},
	KindHole:         {"内环不在外环之内（共 %d 点）", "the hole is not inside its shell (%d points)"},
	KindWinding:      {"环的方向已更正（共 %d 点）", "the ring was wound the wrong way and has been turned (%d points)"},
	KindDuplicate:    {"已去除 %d 个重复点", "%d repeated points were dropped"},
}

func sentence(kind string, count int) (zh, en string) {
	return fmt.Sprintf(words[kind][0], count), fmt.Sprintf(words[kind][1], count)
}

// between is a finding about two features and the ground they dispute or leave.
func between(kind string, severity Severity, a, b int, area float64, at orb.Point) Finding {
	f := Finding{Feature: a, Pointer: fmt.Sprintf("/features/%d/geometry", a), Kind: kind, Severity: severity, Neighbour: b, AreaM2: area}
	switch kind {
	case KindOverlap:
		f.ZH = fmt.Sprintf("与第 %d 个要素重叠 %.1f 平方米，位于 %.6f,%.6f 附近", b, area, at[0], at[1])
		f.EN = fmt.Sprintf("overlaps feature %d by %.1f m², near %.6f,%.6f", b, area, at[0], at[1])
	case KindGap:
		f.ZH = fmt.Sprintf("存在 %.1f 平方米的空隙，位于 %.6f,%.6f 附近", area, at[0], at[1])
		f.EN = fmt.Sprintf("leaves a gap of %.1f m², near %.6f,%.6f", area, at[0], at[1])
	case KindUnchecked:
		f.ZH = fmt.Sprintf("无法与第 %d 个要素比对", b)
		f.EN = fmt.Sprintf("could not be compared with feature %d", b)
	}
	return f
}

// DocumentError says that a document as a whole cannot be read.
type DocumentError struct {
	Kind   string // "malformed", "not_feature_collection", "too_deep", "too_large"
	ZH, EN string
}

func (e *DocumentError) Error() string { return e.EN }
