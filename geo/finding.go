package geo

import (
	"fmt"
	"strings"

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
	Count     int       // of the same in the feature; the place is that of the first, or the largest
	Neighbour int       // index of another feature concerned, -1 if none
	Around    []int     // indices of the features around a gap
	AreaM2    float64   // of an overlap or a gap, in square metres
	At        orb.Point // of an overlap or a gap, WGS-84
	ZH, EN    string    // the same sentence in Chinese and English
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

// words are the sentences of a kind that concerns a ring or one of its points.
var words = map[string][2]string{
	KindPosition:     {"坐标应为经度、纬度两个数", "a position must be two numbers, longitude and latitude"},
	KindNotFinite:    {"坐标数值过大", "a coordinate is not a finite number"},
	KindOutOfRange:   {"坐标超出经纬度范围", "a position is out of range"},
	KindSwapped:      {"经纬度疑似颠倒：应先经度后纬度", "longitude and latitude look swapped: longitude comes first"},
	KindOutside:      {"位置不在中国范围内", "a position is far from China"},
	KindUnclosed:     {"边界环未闭合：末点应与首点相同", "the ring is not closed: its last point must equal its first"},
	KindTooFew:       {"边界环去重后少于四个点", "the ring has fewer than four different points with the closing one"},
	KindTooMany:      {"边界环的点过多（上限 20000）", "the ring has too many points (20,000 at most)"},
	KindNoArea:       {"边界环没有面积", "the ring encloses no area"},
	KindSelfCrossing: {"边界环自相交或自接触", "the ring crosses or touches itself"},
	KindHole:         {"内环不在外环之内", "the hole is not inside its shell"},
	KindWinding:      {"环的方向已更正", "the ring was wound the wrong way and has been turned"},
	KindDuplicate:    {"已去除重复点", "a repeated point was dropped"},
}

// near says where something is.
func near(at orb.Point) (zh, en string) {
	return fmt.Sprintf("，位于 %.6f,%.6f 附近", at[0], at[1]), fmt.Sprintf(", near %.6f,%.6f", at[0], at[1])
}

// Dispute is a sentence about ground that features share or leave, at a place
// in whatever datum its reader knows, and the other feature, as it is called in
// both languages, or "".
func Dispute(f Finding, zhName, enName string, at orb.Point) (zh, en string) {
	zhNear, enNear := near(at)
	if f.Count > 1 {
		zhNear, enNear = fmt.Sprintf("（共 %d 处，最大一处%s）", f.Count, strings.TrimPrefix(zhNear, "，")), fmt.Sprintf(" in %d places, the largest%s", f.Count, strings.TrimPrefix(enNear, ","))
	}
	switch {
	case f.Kind == KindOverlap:
		return fmt.Sprintf("与%s重叠 %.1f 平方米%s", zhName, f.AreaM2, zhNear), fmt.Sprintf("overlaps %s by %.1f m²%s", enName, f.AreaM2, enNear)
	case f.Kind == KindGap && zhName != "":
		return fmt.Sprintf("与%s之间存在 %.1f 平方米的空隙%s", zhName, f.AreaM2, zhNear), fmt.Sprintf("leaves a gap of %.1f m² towards %s%s", f.AreaM2, enName, enNear)
	case f.Kind == KindGap:
		return fmt.Sprintf("存在 %.1f 平方米的空隙%s", f.AreaM2, zhNear), fmt.Sprintf("leaves a gap of %.1f m²%s", f.AreaM2, enNear)
	}
	return fmt.Sprintf("无法与%s比对%s", zhName, zhNear), fmt.Sprintf("could not be compared with %s%s", enName, enNear)
}

// between is a finding about two features and the ground they dispute or leave.
func between(kind string, severity Severity, a, b, count int, area float64, at orb.Point) Finding {
	f := Finding{Feature: a, Pointer: fmt.Sprintf("/features/%d/geometry", a), Kind: kind, Severity: severity, Neighbour: b, Count: count, AreaM2: area, At: at}
	zh, en := "", ""
	if b >= 0 {
		zh, en = fmt.Sprintf("第 %d 个要素", b), fmt.Sprintf("feature %d", b)
	}
	f.ZH, f.EN = Dispute(f, zh, en, at)
	return f
}

// DocumentError says that a document as a whole cannot be read.
type DocumentError struct {
	Kind   string // "malformed", "not_feature_collection", "too_deep", "too_large"
	ZH, EN string
}

func (e *DocumentError) Error() string { return e.EN }
