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

// homes are the dwellings of the real buildings: one to six in each. Who lives
// in them is made up, the phones lie in a range that is given to nobody.
func (w *filling) homes(ctx context.Context) error {
	points, err := buildings()
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(8242, 1))
	streets := map[string][][][]string{} // households, each of some rows, by street
	numbers := map[string]int{}          // of the buildings on a road
	var list []dwelling                  // of the community of the demo sign-ins
	total := 0
	for _, p := range points {
		spot, ok := w.Areas.Map().Locate(p)
		if !ok {
			continue
		}
		street := spot.Cell.Code[:len(Home)]
		road := short(areaName(w.World, spot.Place.Community)) + roads[int(spot.Cell.Code[len(spot.Cell.Code)-1])%len(roads)]
		numbers[road]++
		for i := range dwellings(rng) {
			d := dwelling{road, strconv.Itoa(numbers[road]), fmt.Sprintf("%d0%d", 1+i/2, 1+i%2), p[0], p[1], total}
			streets[street] = append(streets[street], d.rows(rng))
			if strings.HasPrefix(spot.Cell.Code, homeCommunity) {
				list = append(list, d)
			}
			total++
		}
	}
	if w.size == Whole {
		streets[fengqiao] = w.fengqiaoHomes(rng, total)
		total += len(streets[fengqiao])
	}
	if err := w.standard(ctx, list); err != nil {
		return err
	}
	w.told.expect(total)
	g, ctx := errgroup.WithContext(ctx)
	for _, street := range sortedKeys(streets) {
		g.Go(func() error { return w.settle(ctx, street, streets[street]) })
	}
	return g.Wait()
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
