package schedule

// What tests do under leases of their own.

const (
	Lease        = schedulerLease
	SettleAtOnce = settleAtOnce
)

var (
	Under         = (*Scheduler).schedule
	SettleAll     = (*Scheduler).settleAll
	SettleChanged = (*Scheduler).settleChanged
	Settling      = (*Scheduler).settling
	SettleChunk   = (*Scheduler).settleChunk
)
