// Package route finds the order in which a walker visits places: from a start,
// through every stop once, back to the start or to an end, in as few metres as
// it can and, where stops have windows of time, as little late as it can: the
// sum of all lateness counts first, then metres.
//
// Distances come from points, as great circles, or from the caller; they may
// differ by direction. Up to [ExactStops] stops no order is better than the
// one found, with windows or without: it comes from dynamic programming over
// sets of stops. Above that, two searches run side by side. Each starts from
// the nearest-neighbour route, or with windows from the one by the ends of the
// windows if that is better, improves it by 2-opt and Or-opt moves to near
// places, and goes on from there by double-bridge kicks. Their length is
// counted in kicks, not in seconds, so that a problem has the same route every
// time and on every machine, unless its context ends before.
//
// It knows distances and times, and neither who walks nor what for.
package route
