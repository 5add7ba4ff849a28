// Package geo is the geometry of the grid map: datums, distances and areas,
// a space-filling key, the location of points in a coverage of cells, the
// strict reading of boundaries, and the cutting of an outline into cells.
//
// It works on paulmach/orb values, longitude first, in degrees. Unless a
// datum is named, coordinates are WGS-84. It knows no domain and no store.
package geo
