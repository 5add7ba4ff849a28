package demo

import (
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"wangge/domain/access"
	"wangge/domain/address"
	"wangge/domain/household"
	"wangge/domain/table"
)

// Out of a hundred households, about: what makes their members who they are.
const (
	elders      = 7
	difficult   = 3
	partyMember = 9
	owners      = 62
)

var roads = []string{"平江路", "大儒巷", "钮家巷", "曹胡徐巷", "狮林寺巷", "胡厢使巷", "丁香巷", "传芳巷", "悬桥巷", "菉葭巷", "混堂巷", "肖家巷", "南显子巷", "卫道观前", "中张家巷", "建新巷"}

// inFull is how many households of a cell are on record, where there are so many; of the buildings beyond, every tenth has one.
const inFull = 10

// roll is who lives where.
type roll struct {
	streets map[string][][][]string // households, each of some rows, by the code of the street
	homes   map[string][]orb.Point  // where these are, by the code of the cell
	living  map[string]int          // in how many dwellings people live there, on record or not
	list    []dwelling              // of the community of the demo sign-ins
	total   int
}

// enroll finds the dwellings of the real buildings, one to six in each, and, where no or few buildings
// are at hand, as in nearly all of the Park, some at made-up places. Who lives
// in them is made up, the phones lie in a range that is given to nobody. In the
// community of the demo sign-ins all are on record; elsewhere a part, as with a list that is being drawn up.
func (w *filling) enroll() (*roll, error) {
	points, err := buildings()
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(8242, 1))
	r := &roll{streets: map[string][][][]string{}, homes: map[string][]orb.Point{}, living: map[string]int{}}
	numbers := map[string]int{} // of the buildings on a road
	inCell := map[string]int{}  // buildings
	n := 0
	for _, p := range points {
		spot, ok := w.Areas.Map().Locate(p)
		if !ok {
			continue
		}
		road := short(areaName(w.World, spot.Place.Community)) + roads[int(spot.Cell.Code[len(spot.Cell.Code)-1])%len(roads)]
		numbers[road]++
		nth, home := inCell[spot.Cell.Code], strings.HasPrefix(spot.Cell.Code, homeCommunity)
		inCell[spot.Cell.Code]++
		for i := range dwellings(rng) {
			d := dwelling{road, strconv.Itoa(numbers[road]), fmt.Sprintf("%d0%d", 1+i/2, 1+i%2), p[0], p[1], n}
			rows := d.rows(rng)
			n++
			r.living[spot.Cell.Code]++
			if home {
				r.list = append(r.list, d)
			}
			if home || i == 0 && (nth < inFull || nth%10 == 0) {
				r.add(spot.Cell.Code, p, rows)
			}
		}
	}
	if w.size == Whole {
		for _, rows := range w.fengqiaoHomes(rng, n) {
			r.streets[fengqiao] = append(r.streets[fengqiao], rows)
			n, r.total = n+1, r.total+1
		}
		w.estates(r, n)
	}
	return r, nil
}

func (r *roll) add(cell string, at orb.Point, rows [][]string) {
	street := cell[:len(Home)]
	r.streets[street] = append(r.streets[street], rows)
	r.homes[cell] = append(r.homes[cell], at)
	r.total++
}

// estates settles the cells in which no or few buildings are at hand: in each an estate of a few blocks, a part of which is on record.
func (w *filling) estates(r *roll, n int) {
	rng := rand.New(rand.NewPCG(320576, 1))
	names := []string{"花园", "新村", "名邸", "雅苑", "公馆"}
	for _, c := range w.Areas.Map().Cells() {
		if strings.HasPrefix(c.Code, fengqiao) || strings.HasPrefix(c.Code, homeCommunity) || len(r.homes[c.Code]) >= inFull {
			continue
		}
		middle := inside(c, rng)
		estate := short(areaName(w.World, c.Place.Community)) + names[rng.IntN(len(names))]
		for i := range inFull - len(r.homes[c.Code]) {
			block := i / 4
			at := orb.Point{middle[0] + float64(block%2)*0.0005, middle[1] + float64(block/2)*0.0004}
			if spot, ok := w.Areas.Map().Locate(at); !ok || spot.Cell.ID != c.ID {
				at = middle
			}
			d := dwelling{fmt.Sprintf("%s%s区", estate, c.Code[len(c.Code)-1:]), strconv.Itoa(block + 1), fmt.Sprintf("%d0%d", 1+i%4/2, 1+i%2), at[0], at[1], n}
			r.add(c.Code, at, d.rows(rng))
			n++
		}
		r.living[c.Code] += inFull + rng.IntN(5*inFull)
	}
}

// homes brings in who is on the roll.
func (w *filling) homes(ctx context.Context) error {
	r, err := w.roll()
	if err != nil {
		return err
	}
	if err := w.standard(ctx, r.list); err != nil {
		return err
	}
	w.told.expect(r.total)
	g, ctx := errgroup.WithContext(ctx)
	for _, street := range sortedKeys(r.streets) {
		g.Go(func() error { return w.settle(ctx, street, r.streets[street]) })
	}
	err = g.Wait()
	r.streets = nil // nobody needs them again
	return err
}

// standard imports dwellings as standard addresses, which everybody finds who does not read households there.
func (w *filling) standard(ctx context.Context, list []dwelling) error {
	var file strings.Builder
	rows := csv.NewWriter(&file)
	_ = rows.Write(strings.Split("scheme,code,estate,building,room,lon,lat,datum", ","))
	for _, d := range list {
		_ = rows.Write([]string{"demo", fmt.Sprintf("%s%05d", homeCommunity, d.n), d.road, d.building, d.room, fmt.Sprint(d.lon), fmt.Sprint(d.lat), "wgs84"})
	}
	rows.Flush()
	report, err := w.Addresses.Import(ctx, access.Program, w.began, strings.NewReader(file.String()), address.Import{Table: &address.Table})
	if err == nil && report.Failed() {
		err = fmt.Errorf("standard addresses: %v", report.Findings[0])
	}
	return err
}

// settle imports the households of a street.
func (w *filling) settle(ctx context.Context, street string, households [][][]string) error {
	var file strings.Builder
	rows := csv.NewWriter(&file)
	_ = rows.Write(strings.Split("estate,building,room,lon,lat,datum,occupancy,name,relation,phone,tags,emergency_name,emergency_phone", ","))
	for _, h := range households {
		_ = rows.WriteAll(h) // a strings.Builder takes everything
	}
	before := 0
	report, err := w.Households.Import(ctx, access.Program, w.began.Add(24*time.Hour), strings.NewReader(file.String()), household.Import{
		Street: street, Progress: func(_ table.Step, done, _ int) { w.told.did(done - before); before = done },
	})
	if err == nil && report.Refused > 0 {
		err = fmt.Errorf("%d rows refused, the first at line %d: %s", report.Refused, report.Findings[0].Line, report.Findings[0].Detail.EN)
	}
	return err
}

func areaName(w World, id string) string {
	a, ok := w.Areas.Tree().ByID(id)
	if !ok {
		return ""
	}
	return a.Name
}

// dwellings of a building: of most one, of some up to six.
func dwellings(rng *rand.Rand) int {
	switch n := rng.IntN(100); {
	case n < 72:
		return 1
	case n < 90:
		return 2
	case n < 97:
		return 4
	}
	return 6
}

type dwelling struct {
	road, building, room string
	lon, lat             float64
	n                    int
}

// rows are who lives there, a row each; the first says what is said of the household.
func (d dwelling) rows(rng *rand.Rand) [][]string {
	occupancy, tags := "own", []string{}
	if rng.IntN(100) < owners {
		tags = append(tags, "property_owner")
	} else {
		occupancy = []string{"rent", "rent", "rent", "empty_registered"}[rng.IntN(4)]
	}
	old := rng.IntN(100) < elders
	if old {
		tags = append(tags, "empty_nest_elder")
	}
	if rng.IntN(100) < difficult {
		tags = append(tags, "family_in_difficulty")
	}
	if rng.IntN(100) < partyMember {
		tags = append(tags, "party_member")
	}
	phone := func(i int) string { return fmt.Sprintf("190%08d", 10*d.n+i) }
	row := func(i int, relation, tags string) []string {
		return []string{d.road, d.building, d.room, fmt.Sprint(d.lon), fmt.Sprint(d.lat), "wgs84", occupancy, name(7*d.n + i), relation, phone(i), tags, "", ""}
	}
	first := row(0, "户主", strings.Join(tags, ";"))
	if old {
		first[11], first[12] = name(7*d.n+5), phone(5)
	}
	out := [][]string{first}
	if rng.IntN(2) == 0 {
		out = append(out, row(1, "配偶", ""))
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
