package handlers

import (
	"wangge/domain/intake"
	"wangge/handlers/web"
)

func importCases(r *apiRequest) (*web.Reply, error) {
	in := intake.Import{System: r.Query.Get("system")}
	file, dry, opts, err := r.table(&intake.Table)
	if err != nil {
		return nil, err
	}
	if in.DryRun, in.Options = dry, opts; in.System == "" {
		return nil, web.BadQuery("system", "请指定平台", "a platform is required")
	}
	report, err := r.Cases.Import(r.Ctx, r.Actor, r.Now, file, in)
	if err != nil {
		return nil, err
	}
	return rowsImported(r, *report), nil
}
