package intake

import "wangge/domain/fold"

// terms are what a case is found by: its numbers and its item. Nothing personal is among them.
func (c *Case) terms() ([]string, error) {
	if c.Is != "" {
		return nil, nil
	}
	return fold.Grams(c.Local, c.Number, c.Item.Name), nil
}
