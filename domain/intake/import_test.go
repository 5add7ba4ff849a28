package intake

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/table"
	"wangge/store"
)

func (w *world) bring(who, file string, dry bool) *table.Report {
	w.t.Helper()
	return must(w.cases.Import(w.t.Context(), w.people[who], noon, strings.NewReader(file), Import{System: rnd, DryRun: dry, Options: table.Options{Headings: map[string]string{"流水号": "number"}}}))(w.t)
}

// A platform's file comes in by the rules of its upserts, as often as it is sent.
func TestImport(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		stored := w.upsert("I-2", w.told("done", noon))
		file := "流水号,事项编码,状态,更新时间,收件时间,社区代码,申请人,手机号,所缺材料\n" +
			fmt.Sprintf("I-1,insurance,办理中,2026-11-23 10:00,2026-11-20 09:00,%s,王秀英,13800000001,身份证；户口簿\n", jiaOne) +
			fmt.Sprintf("I-2,insurance,办理中,2026-11-22 10:00,2026-11-20 09:00,%s,,,\n", jiaOne) + // older than what is stored
			fmt.Sprintf("I-3,insurance,转省厅,2026-11-23 10:00,2026-11-20 09:00,%s,,,\n", jiaTwo) +
			fmt.Sprintf("I-3,insurance,办理中,2026/11/23 9:00,2026-11-20 09:00,%s,,,\n", jiaTwo) + // older than the row before
			fmt.Sprintf("I-4,none,办理中,昨天,2027-11-20 09:00,%s,,12,\n", yiOne) +
			fmt.Sprintf("I-5,none,办理中,2026-11-23,2026-11-20,%s,,,\n", jiaOne) +
			fmt.Sprintf("I-3,insurance,办理中,2026-11-23 10:00,2026-11-20 09:00,%s,,,\n", jiaTwo) + // of the same time as the one above, another content
			fmt.Sprintf(",insurance,办理中,2026-11-23 10:00,2026-11-20 09:00,%s,,,\n", jiaTwo)
		for i, want := range []struct {
			dry   bool
			count table.Counts
		}{{true, table.Counts{Added: 2, Unchanged: 1}}, {false, table.Counts{Added: 2, Unchanged: 1}}, {false, table.Counts{Unchanged: 3}}} {
			report := w.bring("manager", file, want.dry)
			var found []string
			for _, f := range report.Findings {
				found = append(found, fmt.Sprintf("%d %s %s", f.Line, f.Column, f.Kind))
			}
			if got := strings.Join(found, ", "); report.Counts != want.count || report.Refused != 4 || report.Rows != 8 ||
				got != "3  older, 5 number repeated, 6 changed_at changed_at, 6 opened_at opened_at, 6 phone phone, 6 community community, 7 item item, 8 number same_version, 9 number number" {
				t.Errorf("time %d: %+v, findings %s", i, report, got)
			}
			_, err := Load(t.Context(), w.st, Key{rnd, "I-1"}.ID())
			if errors.Is(err, store.ErrNotFound) != want.dry {
				t.Errorf("time %d: %v", i, err)
			}
		}
		one := must(Load(t.Context(), w.st, Key{rnd, "I-1"}.ID()))(t)
		if one.State != InReview || one.Version != 1 || one.OpenedBy != "" || len(one.Missing) != 2 || one.Applicant.Phone.Masked != "138****0001" || one.ChangedAt.Hour() != 2 {
			t.Errorf("brought: %+v", one)
		}
		if now := must(Load(t.Context(), w.st, stored.ID))(t); now.Version != stored.Version {
			t.Error("an older row overwrote what is stored")
		}
		if three := must(Load(t.Context(), w.st, Key{rnd, "I-3"}.ID()))(t); three.State != Other {
			t.Errorf("the newer of two rows: %+v", three)
		}
		for who, want := range map[string]error{"counter": domain.ErrForbidden, "platform": domain.ErrForbidden} {
			if _, err := w.cases.Import(t.Context(), w.people[who], noon, strings.NewReader(file), Import{System: rnd}); !errors.Is(err, want) {
				t.Errorf("%s: %v", who, err)
			}
		}
		if _, err := w.cases.Import(t.Context(), w.people["manager"], noon, strings.NewReader(file), Import{System: "unknown"}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("an unknown platform: %v", err)
		}
	})
}

// A file of who is shown that a sensitive case is there makes it no case of
// another item, which would show the rest; of the same item it is brought up to date.
func TestImportOpensNothingSensitive(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		said := w.told("办理中", noon.Add(-time.Hour))
		said.Item = "allowance"
		secret := w.upsert("I-9", said)
		row := "流水号,事项编码,状态,更新时间,收件时间,社区代码\nI-9,%s,done,2026-11-23 11:55,2026-11-20 09:00," + jiaOne + "\n"
		for _, who := range []string{"manager", "community", "admin"} {
			report := w.bring(who, fmt.Sprintf(row, "insurance"), false)
			if report.Refused != 1 || report.Findings[0].Column != "item" {
				t.Errorf("%s: %+v", who, report)
			}
		}
		if now := must(Load(t.Context(), w.st, secret.ID))(t); now.Version != secret.Version || !now.Item.Sensitive {
			t.Errorf("%+v", now)
		}
		if report := w.bring("community", fmt.Sprintf(row, "allowance"), false); report.Changed != 1 {
			t.Errorf("the same item: %+v", report)
		}
		said.Item, said.ChangedAt = "insurance", noon.Add(time.Minute)
		if c := w.upsert("I-9", said); c.Item.Sensitive {
			t.Error("its platform is not believed")
		}
	})
}
