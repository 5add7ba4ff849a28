package handlers

import "wangge/handlers/web"

type revealIn struct {
	Fields []reporterField `json:"fields" need:"true"`
	Reason string          `json:"reason" need:"true"`
}

// revealedOut has what was asked for.
type revealedOut struct {
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
}

func revealTicket(r *apiRequest) (*web.Reply, error) {
	var in revealIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	out, err := r.Tickets.Reveal(r.Ctx, r.Actor, r.Now, r.Param("id"), codes(in.Fields), in.Reason)
	if err != nil {
		return nil, err
	}
	return web.OK(revealedOut{out.Name, out.Phone}), nil
}
