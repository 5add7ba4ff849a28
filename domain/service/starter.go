package service

// starter is what holds where nobody has decided anything.
func starter() ([]*Item, []*Kind) { return nil, nil }
