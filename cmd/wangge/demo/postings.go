package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"

	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/deployment"
	"wangge/domain/posting"
)

const xinsheng = "320505002012"

// postings says where the people of Fengqiao and Xinsheng worked before their
// counters were joined and where they do now: who signs in by account, the others by name.
func (w *filling) postings(ctx context.Context) error {
	if w.size == Small {
		return nil
	}
	day := civil.DateOf(w.began).Add(-1) // the last of before
	for _, b := range []struct {
		of   string
		said deployment.Said
	}{
		{fengqiao, deployment.Said{Day: day, Counter: 108, Staff: 153, Matters: 20, Source: "枫桥街道：窗口人员 108 人精简为 20 人，人均每月办件约 20 件"}},
		{xinsheng, deployment.Said{Day: day, Counter: 12, Staff: 14, Matters: 20, Source: "新升社区：工作人员 14 人，4 人在窗口，8 人下沉"}},
	} {
		if _, err := w.Deployment.SetBaseline(ctx, access.Program, w.began, b.of, 0, b.said); err != nil {
			return fmt.Errorf("%s: %w", b.of, err)
		}
	}
	for street, rows := range map[string][][]string{fengqiao: w.fengqiaoPostings(day), xinsheng[:9]: w.xinsheng(day)} {
		var file bytes.Buffer
		out := csv.NewWriter(&file)
		if err := out.WriteAll(append([][]string{{"kind", "area", "username", "name", "number", "unit", "from", "until"}}, rows...)); err != nil {
			return err
		}
		report, err := w.Postings.Import(ctx, access.Program, w.began, &file, posting.Import{Street: street})
		if err != nil {
			return fmt.Errorf("%s: %w", street, err)
		}
		if report.Refused > 0 {
			return fmt.Errorf("%s: %+v", street, report.Findings)
		}
	}
	return nil
}

// xinsheng are those of its 14: four are at the counter, two lead, eight went to the grid.
func (w *filling) xinsheng(day civil.Date) (rows [][]string) {
	for i := range 4 {
		rows = append(rows, []string{string(posting.Counter), xinsheng, fmt.Sprint("counter-xinsheng-", i+1), "", "", "", "", string(day)})
	}
	for i := range 10 {
		who := fmt.Sprint("xinsheng-grid-", i+1)
		if i >= 8 {
			rows = append(rows, []string{string(posting.CommunityOffice), xinsheng, who, "", "", []string{"书记", "主任"}[i-8], "", ""})
			continue
		}
		rows = append(rows, []string{string(posting.Counter), xinsheng, who, "", "", "", "", string(day)}, []string{string(posting.Grid), xinsheng, who, "", "", "", string(day.Add(1)), ""})
	}
	return rows
}
