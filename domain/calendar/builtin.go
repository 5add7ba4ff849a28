package calendar

import (
	"slices"

	"wangge/domain/civil"
)

// builtIn are the years that are known without anybody's decision, of mainland
// China: 国务院办公厅关于 2024、2025、2026 年部分节假日安排的通知, notices of the
// General Office of the State Council of 2023-10-25, 2024-11-12 and 2025-11-04.
// Which weekday a make-up workday makes up for they leave to the reader: it is
// one off that is neither a statutory holiday nor given for one on a weekend.
var builtIn = []Year{
	{Year: 2024, Source: "国务院办公厅关于2024年部分节假日安排的通知（2023-10-25）", Days: together(
		holiday("元旦", "2024-01-01", 1),
		holiday("春节", "2024-02-10", 8, makeUp{"2024-02-04", "2024-02-15"}, makeUp{"2024-02-18", "2024-02-16"}),
		holiday("清明节", "2024-04-04", 3, makeUp{"2024-04-07", "2024-04-05"}),
		holiday("劳动节", "2024-05-01", 5, makeUp{"2024-04-28", "2024-05-02"}, makeUp{"2024-05-11", "2024-05-03"}),
		holiday("端午节", "2024-06-10", 1),
		holiday("中秋节", "2024-09-15", 3, makeUp{"2024-09-14", "2024-09-16"}),
		holiday("国庆节", "2024-10-01", 7, makeUp{"2024-09-29", "2024-10-04"}, makeUp{"2024-10-12", "2024-10-07"}),
	)},
	{Year: 2025, Source: "国务院办公厅关于2025年部分节假日安排的通知（2024-11-12）", Days: together(
		holiday("元旦", "2025-01-01", 1),
		holiday("春节", "2025-01-28", 8, makeUp{"2025-01-26", "2025-02-03"}, makeUp{"2025-02-08", "2025-02-04"}),
		holiday("清明节", "2025-04-04", 3),
		holiday("劳动节", "2025-05-01", 5, makeUp{"2025-04-27", "2025-05-05"}),
		holiday("端午节", "2025-05-31", 3),
		holiday("国庆节、中秋节", "2025-10-01", 8, makeUp{"2025-09-28", "2025-10-07"}, makeUp{"2025-10-11", "2025-10-08"}),
	)},
	{Year: 2026, Source: "国务院办公厅关于2026年部分节假日安排的通知（2025-11-04）", Days: together(
		holiday("元旦", "2026-01-01", 3, makeUp{"2026-01-04", "2026-01-02"}),
		holiday("春节", "2026-02-15", 9, makeUp{"2026-02-14", "2026-02-20"}, makeUp{"2026-02-28", "2026-02-23"}),
		holiday("清明节", "2026-04-04", 3),
		holiday("劳动节", "2026-05-01", 5, makeUp{"2026-05-09", "2026-05-05"}),
		holiday("端午节", "2026-06-19", 3),
		holiday("中秋节", "2026-09-25", 3),
		holiday("国庆节", "2026-10-01", 7, makeUp{"2026-09-20", "2026-10-06"}, makeUp{"2026-10-10", "2026-10-07"}),
	)},
}

type makeUp struct{ date, of civil.Date }

// holiday is one of so many days, with its make-up workdays.
func holiday(name string, first civil.Date, days int, made ...makeUp) (out []Day) {
	for i := range days {
		out = append(out, Day{Date: first.Add(i), Name: name, Kind: Off})
	}
	for _, m := range made {
		out = append(out, Day{Date: m.date, Name: name, Kind: MakeUp, For: m.of})
	}
	return out
}

func together(holidays ...[]Day) []Day { return Year{Days: slices.Concat(holidays...)}.settled().Days }
