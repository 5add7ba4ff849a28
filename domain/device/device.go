// Package device knows on which devices people want to be reached: the app of
// which account, in which session, and the address at which a push service
// finds it. It knows of a service no more than its name.
//
// A device, and an address, belongs to one account. It comes with a sign-in and
// goes with it: what ends a session ends its devices in the same update, and
// Of gives only those whose session stands.
package device

import (
	"time"

	"wangge/domain"
	"wangge/domain/account"
	"wangge/domain/delivery"
	"wangge/domain/personal"
	"wangge/store"
)

// Platform is what a device runs.
type Platform string

const (
	Android     Platform = "android"
	IOS         Platform = "ios"
	Harmony     Platform = "harmony"
	MiniProgram Platform = "mini-program"
)

// PlatformWords are the platforms.
var PlatformWords = domain.NewEnum("DevicePlatform", domain.W(Android, "安卓", "Android"), domain.W(IOS, "iOS", "iOS"), domain.W(Harmony, "鸿蒙", "HarmonyOS"), domain.W(MiniProgram, "小程序", "mini-program"))

// Enum lists the platforms.
func (Platform) Enum() domain.Enum { return PlatformWords }

// WayWords are the ways by which an app registers its device. A mini-program's
// address is the server's to find out.
var WayWords = domain.NewEnum("PushWay", words(delivery.FCM, delivery.JPush, delivery.Getui, delivery.Gateway)...)

func words(ways ...delivery.Way) (out []domain.Word) {
	for _, w := range ways {
		out = append(out, domain.Word{Code: string(w), Text: delivery.WayWords.Text(string(w))})
	}
	return out
}

// Enums of this package.
var Enums = []domain.Enum{delivery.WayWords, WayWords, PlatformWords}

// Why a device was forgotten.
type Why string

const (
	Gone Why = "gone" // the service says that there is no such address any more
)

// Device is one installation of the app. Its id is the installation's own
// choice. An ended one stays as a tombstone without an address, so that a
// registration that was sent before it ended does not bring it back.
type Device struct {
	store.Meta `store:",inline"`
	Account    string          `store:"account"`
	Session    string          `store:"session"` // it was registered in
	Way        delivery.Way    `store:"way"`
	Address    personal.Sealed `store:"address,omitempty"`
	Index      string          `store:"addressIndex,omitempty"` // blind, of way and address
	Platform   Platform        `store:"platform"`
	Language   string          `store:"language"`
	Model      string          `store:"model,omitempty"`
	At         time.Time       `store:"at"`    // of the registration, by the device's clock
	Since      time.Time       `store:"since"` // it is this account's
	Seen       time.Time       `store:"seen"`  // it registered last
	Forgotten  Why             `store:"forgotten,omitempty"`
	Expires    time.Time       `store:"expires"`
}

// devices are all there are. No session outlasts what they are kept for.
var devices = store.Declare[Device](store.Declaration{
	Name: "devices", Schema: 1, Unjournaled: true,
	Indexes: []string{"account: account, seen", "address!: addressIndex", "expires: expires"},
})

// kept is how long a device is kept that does not register again: the app does at each start.
const kept = account.LongestSession

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{devices} }

// end leaves of a device that it was there.
func (d *Device) end() {
	d.Address, d.Index, d.Model = personal.Sealed{}, "", ""
}
