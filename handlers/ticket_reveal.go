package handlers

type revealIn struct {
	Fields []reporterField `json:"fields" need:"true"`
	Reason string          `json:"reason" need:"true"`
}

// revealedOut has what was asked for.
type revealedOut struct {
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
}

func revealTicket(r *request) (*reply, error) {
	var in revealIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	out, err := r.Tickets.Reveal(r.ctx, r.actor, r.now, r.c.Params("id"), codes(in.Fields), in.Reason)
	if err != nil {
		return nil, err
	}
	return ok(revealedOut{out.Name, out.Phone}), nil
}
