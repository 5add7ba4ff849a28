package domain

import "time"

// Offline is how long a phone may be without a network before it hands in what
// was done meanwhile: a photo sent ahead waits so long to be used, and a
// request is known again so long by its key.
const Offline = 14 * 24 * time.Hour
