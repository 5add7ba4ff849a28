// Package coordination holds what changes several kinds of things in one
// transaction. A redraw of cells takes along what lies in them: cells know
// nothing of tickets, and tickets nothing of how cells are drawn; here the one
// is told of the other. It knows no HTTP and stores nothing itself.
package coordination

import (
	"wangge/domain/area"
	"wangge/domain/ticket"
)

// Along is what moves with cells: the open tickets.
func Along(tickets *ticket.Tickets) area.Along { return tickets.Rezone }
