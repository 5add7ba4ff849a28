package push

// Vendors are what makers of phones want to be told of a message, so that it is
// shown as one that serves who gets it, and not held back as marketing.
type Vendors struct {
	Xiaomi string // id of a channel that Xiaomi granted the app; "": none
	OPPO   string // the same at OPPO
}

// Categories of what is to be done, as the vendors call it.
const (
	Work = "WORK" // Huawei
	Todo = "TODO" // OPPO and vivo
)

// Channel is the channel on the phone that a message is shown in, which its
// owner can silence by itself.
func Channel(urgent bool) string {
	if urgent {
		return "urgent"
	}
	return "notice"
}
