package webhook

import (
	"time"

	"wangge/domain/retry"
)

// schedule is how long after a try that failed a message is tried again; after
// the last it is a dead letter.
var schedule = retry.Schedule{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

// Keep is how long a message that is over stays on record.
const Keep = 7 * 24 * time.Hour

// After is the message after an attempt. jitter is a random number from 0 to 1,
// by which the next try is up to a tenth earlier or later.
func (d *Delivery) After(a Attempt, jitter float64) {
	d.log(a)
	d.Tries++
	d.DueAt = time.Time{}
	switch {
	case a.OK():
		d.end(Delivered, a.At)
	case d.Thing == Ping:
		d.end(Failed, a.At)
	case a.Status == 410: // the target is disabled, and the message waits for another day
		d.Tries--
		d.DueAt = a.At
	default:
		wait, more := schedule.After(d.Tries, a.RetryAfter, jitter)
		if !more {
			d.State = Dead
			return
		}
		d.DueAt = a.At.Add(wait)
	}
}

func (d *Delivery) end(as Progress, at time.Time) {
	d.State, d.EndedAt, d.Expires = as, at, at.Add(Keep)
}

func (d *Delivery) log(a Attempt) {
	d.Attempts = append(d.Attempts, a)
	d.Attempts = d.Attempts[max(0, len(d.Attempts)-keepAttempts):]
}
