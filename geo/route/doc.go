// Package route finds the order in which a walker visits places: from a start,
// through every stop once, back to the start or to an end, in as few metres as
// it can and, where stops have windows of time, as little late as it can.
//
// Distances come from points, as great-circle metres, or from the caller. They
// may differ by direction. Up to [ExactStops] stops the route found is the
// best there is, windows or not, by dynamic programming over sets of stops.
// Above that it is a local search: two searches side by side, each
// started from the nearest-neighbour route, improved by 2-opt and Or-opt moves
// and shaken by double bridges. Their length is counted in kicks and not in
// seconds, so a problem has the same answer every time and on every machine.
//
// It knows distances and times, and neither who walks nor what for.
package route
