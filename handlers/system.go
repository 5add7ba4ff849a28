package handlers

import (
	"wangge/domain/sms"
	"wangge/handlers/web"
)

// healthz: the process runs.
func healthz(*apiRequest) (*web.Reply, error) { return web.OK(map[string]string{"status": "ok"}), nil }

// readyz: it can serve: the database answers and takes writes, and it is not
// stopping. The log says what is wrong; a stranger hears only that something is.
// readyView tells, after an upgrade, of what is not yet as it will be.
type readyView struct {
	Status    string          `json:"status"`
	Preparing []preparingView `json:"preparing,omitempty"`
	Warnings  []sms.Warning   `json:"warnings,omitempty"` // what does not keep it from serving, and an operator has to see to
}

type preparingView struct {
	Collection string `json:"collection"`
	Percent    *int   `json:"percent,omitempty"` // of the documents; absent while indexes are built
}

func readyz(r *apiRequest) (*web.Reply, error) {
	if r.Stopping() {
		return nil, web.Refuse(503, "stopping", "服务正在停止", "the service is stopping")
	}
	if err := r.Ping(r.Ctx); err != nil {
		r.Log.Warn("not ready", "error", err)
		return nil, web.Refuse(503, "unavailable", "数据库无响应或无法写入", "the database does not answer or takes no writes")
	}
	out := readyView{Status: "ready"}
	for _, p := range r.Preparing() {
		view := preparingView{Collection: p.Collection}
		if p.Total > 0 {
			percent := int(100 * p.Done / p.Total)
			view.Percent = &percent
		}
		out.Preparing = append(out.Preparing, view)
	}
	if r.Texts != nil {
		warnings, err := r.Texts.Warnings(r.Ctx, r.Now)
		if err != nil {
			return nil, err
		}
		out.Warnings = warnings
	}
	return web.OK(out), nil
}

func jwks(r *apiRequest) (*web.Reply, error) {
	return &web.Reply{Status: 200, Raw: r.Tokens.JWKS(), ContentType: "application/jwk-set+json", Cache: "public, max-age=300"}, nil
}

func contract(r *apiRequest) (*web.Reply, error) {
	return &web.Reply{Status: 200, Raw: r.Contract, ContentType: "application/yaml", Cache: "public, max-age=300"}, nil
}
