package device

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/delivery"
	"wangge/domain/personal"
	"wangge/store"
)

// Devices are the use cases.
type Devices struct {
	store    *store.Store
	accounts *account.Accounts
	keys     *personal.Keys

	// On are the ways by which messages go out, as the program is configured. To be set before use.
	On []delivery.Way
}

// New returns the use cases on a store that has Collections; what ends a session ends its devices from then on.
func New(st *store.Store, accounts *account.Accounts, keys *personal.Keys) *Devices {
	s := &Devices{store: st, accounts: accounts, keys: keys}
	accounts.Ended = s.ended
	return s
}

const (
	most           = 10 // of an account
	addressLongest = 1024
	modelLongest   = 60
)

// Registration is what an app says of its device.
type Registration struct {
	ID       string // of the installation, a UUID
	Way      delivery.Way
	Address  string // what the way's service calls the device: token, registration id, client id
	Platform Platform
	Language string
	Model    string    // may be empty
	At       time.Time // by the device's clock: of two registrations of it the later one counts
	Wrong    domain.InvalidError
}

// Register makes the device the actor's, whoever's it was; the address too. An
// account that has too many loses the one not seen for longest. The same again
// changes nothing but when it was seen.
// Errors: InvalidError, ErrUnauthenticated where the session has ended,
// ConflictError "way_off" for a way by which nothing goes out here, so that no
// address is kept for nothing, and "superseded" after a later registration.
func (s *Devices) Register(ctx context.Context, actor access.Actor, now time.Time, in Registration) (*Device, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if !slices.Contains(s.On, in.Way) {
		return nil, s.wayOff()
	}
	sealed, err := s.Seal(in)
	if err != nil {
		return nil, err
	}
	var d *Device
	err = s.store.Update(ctx, nil, func(tx *store.Tx) (err error) {
		d, err = s.Bind(ctx, tx, now, actor.Account, actor.Session, sealed)
		return err
	})
	var twice *store.DuplicateError
	if errors.As(err, &twice) { // another device took the address at the same moment
		err = domain.ErrBusy
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (in *Registration) check() error {
	bad := &in.Wrong
	if !WayWords.Has(string(in.Way)) {
		bad.Add("/way", WayWords.Fault())
	}
	switch {
	case in.Address == "":
		bad.Add("/address", domain.Missing)
	case len(in.Address) > addressLongest:
		bad.Add("/address", domain.Textf("最多 %d 个字节", "%d bytes at most", addressLongest))
	case strings.ContainsFunc(in.Address, func(r rune) bool { return r <= ' ' || r > '~' }):
		bad.Add("/address", domain.T("只能含有可见的 ASCII 字符", "must be visible ASCII characters"))
	}
	if !PlatformWords.Has(string(in.Platform)) {
		bad.Add("/platform", PlatformWords.Fault())
	}
	if !slices.Contains(account.Languages, in.Language) {
		bad.Add("/language", account.LanguageWords.Fault())
	}
	domain.CheckText(bad, "/model", in.Model, modelLongest, false)
	return bad.Err()
}

func (s *Devices) wayOff() error {
	if len(s.On) == 0 {
		return &domain.ConflictError{Code: "way_off", Detail: domain.T("本平台未启用任何推送方式", "no push is sent here")}
	}
	on := make([]string, len(s.On))
	for i, w := range s.On {
		on[i] = string(w)
	}
	return &domain.ConflictError{Code: "way_off", Detail: domain.Textf("本平台未启用此推送方式，可用：%s", "nothing is sent by this way here, but by: %s", strings.Join(on, ", "))}
}

var superseded = &domain.ConflictError{Code: "superseded", Detail: domain.T("该设备已有更晚的登记", "a later registration of this device is there")}

// Sealed is a registration with its address as the store keeps it.
type Sealed struct {
	Registration
	address personal.Sealed
	index   string // blind
}

// Seal makes a registration ready for Bind.
func (s *Devices) Seal(in Registration) (Sealed, error) {
	sealed, err := s.keys.Seal(in.Address, addressAt(in.ID))
	return Sealed{in, sealed, s.keys.Index("device address", string(in.Way)+" "+in.Address)}, err
}

// Bind is Register within an update, of what is known to be in form.
func (s *Devices) Bind(ctx context.Context, tx *store.Tx, now time.Time, account, session string, in Sealed) (*Device, error) {
	if err := s.standing(ctx, tx, account, session, now); err != nil {
		return nil, err
	}
	at := in.At
	if at.After(now) {
		at = now
	}
	ever, err := devices.GetManyEver(ctx, tx, []string{in.ID})
	if err != nil {
		return nil, err
	}
	others, _, err := devices.Find(ctx, tx, store.Query{Where: []store.Cond{store.Eq("addressIndex", in.index)}, Limit: 1})
	if err != nil {
		return nil, err
	}
	d := ever[in.ID]
	if d != nil && (d.At.After(at) || d.Deleted && d.At.Equal(at)) {
		return nil, superseded
	}
	own, _, err := devices.Find(ctx, tx, store.Query{Where: []store.Cond{store.Eq("account", account)}, Order: []string{"-seen"}})
	if err != nil {
		return nil, err
	}
	for _, other := range others { // one at most, which the device's last account may have had under another id
		if other.ID == in.ID {
			break
		}
		if other.At.After(at) {
			return nil, superseded
		}
		if err := remove(tx, other); err != nil {
			return nil, err
		}
	}
	own = slices.DeleteFunc(own, func(o *Device) bool { return o.ID == in.ID || o.Index == in.index })
	for _, o := range own[min(len(own), most-1):] {
		if err := remove(tx, o); err != nil {
			return nil, err
		}
	}
	if d == nil {
		d = &Device{Meta: store.Meta{ID: in.ID, Partition: area.CityPartition}}
	}
	if d.Account != account || d.Deleted {
		d.Since = now
	}
	d.Account, d.Session, d.Way, d.Platform, d.Language, d.Model = account, session, in.Way, in.Platform, in.Language, strings.TrimSpace(in.Model)
	d.At, d.Seen, d.Expires, d.Forgotten, d.Deleted, d.Index = at, now, now.Add(kept), "", false, in.index
	d.Address = in.address
	if d.Version == 0 {
		return d, devices.Insert(tx, d)
	}
	return d, devices.Put(tx, d)
}

func addressAt(id string) string { return "devices/" + id + "/address" }

// standing is ErrUnauthenticated where the session is over, or not the account's.
func (s *Devices) standing(ctx context.Context, r store.Reader, who, session string, now time.Time) error {
	alive, err := account.Standing(ctx, r, []string{session}, now)
	if err == nil && (who == "" || alive[session] != who) {
		err = domain.ErrUnauthenticated
	}
	return err
}

// remove ends a device, without its address.
func remove(tx *store.Tx, d *Device) error {
	d.end()
	return devices.Delete(tx, d)
}

// Own are the actor's devices, the one seen last first.
func (s *Devices) Own(ctx context.Context, actor access.Actor, now time.Time) ([]*Device, error) {
	all, err := Of(ctx, s.store, []string{actor.Account}, now)
	return all[actor.Account], err
}

// Of are the devices of accounts whose sessions stand, those seen last first.
func Of(ctx context.Context, r store.Reader, accounts []string, now time.Time) (map[string][]*Device, error) {
	var all []*Device
	for part := range slices.Chunk(accounts, 50) {
		found, _, err := devices.Find(ctx, r, store.Query{Where: []store.Cond{store.In("account", part...)}, Order: []string{"-seen"}, Limit: len(part) * most})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	sessions := make([]string, len(all))
	for i, d := range all {
		sessions[i] = d.Session
	}
	alive, err := account.Standing(ctx, r, sessions, now)
	if err != nil {
		return nil, err
	}
	out := map[string][]*Device{}
	for _, d := range all {
		if alive[d.Session] == d.Account {
			out[d.Account] = append(out[d.Account], d)
		}
	}
	return out, nil
}

// Open is the address of a device, for who sends to it.
func (s *Devices) Open(d *Device) (string, error) { return s.keys.Open(d.Address, addressAt(d.ID)) }

// End ends one of the actor's devices, with the sign-in on it where that is not
// the one they act in: a lost phone would register again. Sent again, it has ended still.
// ErrNotFound of another's.
func (s *Devices) End(ctx context.Context, actor access.Actor, id string) error {
	return s.store.Update(ctx, nil, func(tx *store.Tx) error {
		ever, err := devices.GetManyEver(ctx, tx, []string{id})
		if err != nil {
			return err
		}
		d := ever[id]
		switch {
		case d == nil || d.Account != actor.Account:
			return domain.ErrNotFound
		case d.Deleted:
			return nil
		case d.Session == actor.Session:
			return remove(tx, d)
		}
		err = s.accounts.EndSessionIn(ctx, tx, actor, d.Session)
		if errors.Is(err, domain.ErrNotFound) { // it had run out
			return remove(tx, d)
		}
		return err
	})
}

// EndIn ends an account's device within an update, where it is still theirs.
func (s *Devices) EndIn(ctx context.Context, tx *store.Tx, account, id string) error {
	d, err := devices.Get(ctx, tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && d.Account != account {
		return nil
	}
	if err != nil {
		return err
	}
	return remove(tx, d)
}

// Forget ends a device whose service says that it is no more, if the address is
// still the one that was tried.
func (s *Devices) Forget(ctx context.Context, id, index string, why Why) error {
	return s.store.Update(ctx, nil, func(tx *store.Tx) error {
		d, err := devices.Get(ctx, tx, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && d.Index != index {
			return nil
		}
		if err != nil {
			return err
		}
		d.Forgotten = why
		return remove(tx, d)
	})
}

// ended ends the devices of an account's sessions that are over, in the update that ends them.
func (s *Devices) ended(ctx context.Context, tx *store.Tx, account string, over func(session string) bool) error {
	own, _, err := devices.Find(ctx, tx, store.Query{Where: []store.Cond{store.Eq("account", account)}, Order: []string{"-seen"}})
	if err != nil {
		return err
	}
	for _, d := range own {
		if over(d.Session) {
			if err := remove(tx, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// Sweep deletes for good what has run out.
func Sweep(ctx context.Context, st *store.Store, now time.Time) error {
	_, err := devices.Expire(ctx, st, "expires", now)
	return err
}
