package intake

import "wangge/domain/fold"

// terms are what a case is found by: its numbers and its item, and who has it,
// so that people find among their own. Nothing of the applicant is among them.
func (c *Case) terms() ([]string, error) {
	if c.Is != "" {
		return nil, nil
	}
	out := fold.Grams(c.Local, c.Number, c.Item.Name)
	for _, id := range c.People {
		out = append(out, personTerm(id))
	}
	return out, nil
}

func personTerm(id string) string { return "person:" + id }
