package route

// nearWidth is how many neighbours of each city are looked at.
const nearWidth = 8

// neighbour is a city that another would do well to lie beside.
type neighbour struct {
	city  int32
	mm    int64 // between the two, the shorter way
	apart int64 // what makes it near: least is nearest
}

// neighbours lists the nearest of each city, nearest first.
func (in *instance) neighbours() [][]neighbour {
	width := min(nearWidth, in.n-1)
	all := make([]neighbour, in.n*width)
	lists := make([][]neighbour, in.n)
	for c := range lists {
		list := all[:0:width]
		all = all[width:]
		for o := range in.n {
			if o == c {
				continue
			}
			list = insert(list, neighbour{
				city:  int32(o),
				mm:    min(in.mm[c*in.n+o], in.mm[o*in.n+c]),
				apart: min(in.apart(c, o), in.apart(o, c)),
			})
		}
		lists[c] = list
	}
	return lists
}

// insert keeps the nearest that the list has room for, of equals the first.
func insert(list []neighbour, x neighbour) []neighbour {
	if len(list) < cap(list) {
		list = append(list, x)
	} else if x.apart >= list[len(list)-1].apart {
		return list
	}
	k := len(list) - 1
	for ; k > 0 && x.apart < list[k-1].apart; k-- {
		list[k] = list[k-1]
	}
	list[k] = x
	return list
}

// apart is the way from a city to the next: in millimetres or, with windows,
// in time, to which is added the lateness that cannot be avoided on it and a
// fifth of the wait (after Vidal, Crainic, Gendreau and Prins, A hybrid genetic
// algorithm with adaptive diversity management for a large class of vehicle
// routing problems with time-windows, 2013).
func (in *instance) apart(a, b int) int64 {
	if in.ms == nil {
		return in.mm[a*in.n+b]
	}
	ms, from, to := in.ms[a*in.n+b], in.windows[a], in.windows[b]
	late := from.earliest + from.service + ms - to.latest
	wait := to.earliest - ms - from.service - from.latest
	return ms + max(0, late) + max(0, wait)/5
}
