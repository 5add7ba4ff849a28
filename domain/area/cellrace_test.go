package area

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"wangge/domain"
	"wangge/geo"
)

// Two imports of other polygons for the same cells at once, small and large,
// on one node and on two: whatever the order, the map is that of one of the
// two. On two nodes a large one may be told to try again.
func TestImportCellsAtOnce(t *testing.T)     { importAtOnce(t, 5) }
func TestImportManyCellsAtOnce(t *testing.T) { importAtOnce(t, 23) }

func importAtOnce(t *testing.T, side int) {
	for _, c := range []struct{ nodes, side int }{{1, side}, {2, side}} {
		nodes := []*Areas{openTown(t)}
		nodes = append(nodes, nodes[0])
		if c.nodes == 2 {
			var err error
			nodes[1], err = New(t.Context(), nodes[0].st)
			must(t, err)
		}
		errs := make([]error, 2)
		var wait sync.WaitGroup
		for i, s := range nodes {
			data := collection(shiftedGrid(c.side, i)...)
			wait.Go(func() {
				_, errs[i] = s.ImportCells(t.Context(), root, noon, data, CellImport{Datum: geo.WGS84})
			})
		}
		wait.Wait()
		done := 0
		for _, err := range errs {
			switch {
			case err == nil:
				done++
			case c.nodes == 1 || c.side == 5 || !errors.Is(err, domain.ErrBusy):
				t.Errorf("%+v: %v", c, err)
			}
		}
		must(t, nodes[0].Refresh(t.Context()))
		cells := nodes[0].Map().Cells()
		if len(cells) != c.side*c.side && done > 0 {
			t.Fatalf("%+v: %d cells", c, len(cells))
		}
		for _, cell := range cells {
			if cell.Name != cells[0].Name || (cell.BBox[0] > 120.59) != (cell.Name == "file 1") {
				t.Fatalf("%+v: %s is of %s, %s of %s", c, cell.Code, cell.Name, cells[0].Code, cells[0].Name)
			}
		}
	}
}

// shiftedGrid is a grid whose cells are named after the file and lie elsewhere in each.
func shiftedGrid(side, file int) []*cellFeature {
	cells := grid(side, xinghu, xincheng)
	for _, c := range cells {
		c.Properties["name"] = fmt.Sprintf("file %d", file)
		for j := range c.Geometry.Coordinates[0][0] {
			c.Geometry.Coordinates[0][0][j][0] += float64(file) / 10
		}
	}
	return cells
}
