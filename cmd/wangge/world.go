package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"wangge/cmd/wangge/demo"
	"wangge/cmd/wangge/geocode"
	"wangge/domain/account"
	"wangge/domain/address"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/cellnotice"
	"wangge/domain/collections"
	"wangge/domain/coordination"
	"wangge/domain/delivery"
	"wangge/domain/deployment"
	"wangge/domain/device"
	"wangge/domain/form"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/limit"
	"wangge/domain/link"
	"wangge/domain/notice"
	"wangge/domain/personal"
	"wangge/domain/personal/keyfile"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/posting"
	"wangge/domain/rating"
	"wangge/domain/robot"
	"wangge/domain/schedule"
	"wangge/domain/service"
	"wangge/domain/sight"
	"wangge/domain/sms"
	"wangge/domain/station"
	"wangge/domain/stats"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/domain/webhook"
	"wangge/domain/wechat"
	"wangge/notifications/delivering"
	"wangge/notifications/outgoing"
	smssender "wangge/notifications/sms"
	"wangge/notifications/webhooks"
	wechatservice "wangge/notifications/wechat"
	"wangge/store"
	"wangge/store/mongodb"
	"wangge/store/sqlite"
)

// world is an open store with the use cases on it.
type world struct {
	engine     store.Engine
	store      *store.Store
	areas      *area.Areas
	accounts   *account.Accounts
	policies   *policy.Policies
	households *household.Households
	addresses  *address.Addresses
	forms      *form.Forms
	plans      *plan.Plans
	visits     visit.UseCases
	scheduler  *schedule.Scheduler
	doors      *coordination.Doors
	homeCalls  *homecall.Calls
	links      *link.Links
	calendars  *calendar.Calendars
	items      *service.Items

	qualifications *service.Qualifications

	stations *station.Stations
	postings *posting.Postings
	deployed *deployment.Figuring
	cases    *intake.Cases
	ratings  *rating.Ratings
	tickets  *ticket.Tickets
	figures  *stats.Live
	hooks    *webhook.Targets
	devices  *device.Devices
	robots   *robot.Robots
	wechat   *wechat.WeChat

	miniProgram *wechatservice.Client // nil: there is none
	ways        []delivery.Way        // by which messages go out

	todos   *todo.Todos
	notices *notice.Notices

	deliveries *webhook.Deliveries
	sender     *webhooks.Sender // nil: none go out

	texts     *sms.Texts // nil, as its sender: none are sent
	smsSender *smssender.Sender

	outgoing *delivery.Deliveries
	// cellNotices are what managers tell all residents of a cell.
	cellNotices *cellnotice.Messages
	limits      *limit.Limits
	phones      *delivering.Sender

	keys *personal.Keys
	lock *os.File
}

// open opens the store that the configuration names and puts the parts together.
func open(ctx context.Context, c *config, log *slog.Logger) (w *world, err error) {
	w = &world{}
	defer func() {
		if err != nil {
			w.close(context.Background())
		}
	}()
	if err := os.MkdirAll(c.data, 0o700); err != nil {
		return w, fmt.Errorf("data folder: %w", err)
	}
	if c.store == "" {
		if w.lock, err = lock(c.data); err != nil {
			return w, err
		}
		w.engine, err = sqlite.Open(c.data)
	} else {
		w.engine, err = mongodb.Open(ctx, c.store)
	}
	if err != nil {
		return w, err
	}
	if err := w.assemble(ctx, c, store.Options{Log: log}); err != nil {
		return w, err
	}
	return w, nil
}

// assemble puts the parts together on the engine, which is closed with the world or,
// when there is an error before the store is open, at once. The keys come
// first: an upgrade writes what is found by sealed names.
func (w *world) assemble(ctx context.Context, c *config, o store.Options) error {
	heads, err := w.engine.Heads(ctx)
	if err == nil {
		w.keys, err = personalKeys(c, len(heads) == 0)
	}
	if err == nil {
		o.Before = w.checkKeys
		w.store, err = store.Open(ctx, w.engine, o, kept(w.keys)...)
	}
	if err != nil {
		return errors.Join(err, w.engine.Close(context.Background()))
	}
	if w.areas, err = area.New(ctx, w.store); err != nil {
		return err
	}
	opts := account.Options{}
	if c.demo {
		opts = account.Options{Sender: account.LogSender{Log: o.Log}, DemoCode: demoCode}
	}
	if err := w.assembleSMS(c, &opts); err != nil {
		return err
	}
	w.accounts = account.New(w.store, w.areas, w.keys, opts)
	if w.calendars, err = calendar.New(ctx, w.store); err != nil {
		return err
	}
	if w.policies, err = policy.New(ctx, w.store, w.areas); err != nil {
		return err
	}
	if w.items, err = service.NewItems(ctx, w.store, w.areas); err != nil {
		return err
	}
	w.qualifications = service.NewQualifications(w.store, w.accounts, w.items)
	w.stations = station.New(w.store, w.areas, w.keys, w.calendars, w.items, w.qualifications)
	w.accounts.Serving = w.stations.Serving
	w.tickets = ticket.New(w.store, w.areas, w.accounts, w.policies, w.calendars, w.keys)
	w.policies.InUse, w.policies.People = w.tickets.InUse, w.accounts.Leading
	w.links = link.New(w.store)
	w.tickets.LinksSeen = w.links.SeenAt(link.Ticket)
	w.households = household.New(w.store, w.areas, w.policies, w.keys)
	w.tickets.Reveals = w.households.Reveals
	w.addresses = address.New(w.store, w.areas, w.households, w.keys, geocoders(c, o.Log)...)
	w.tickets.Locate = w.addresses.Locate
	w.stations.Locate = w.addresses.Locate
	w.cases = intake.New(w.store, w.areas, w.accounts, w.items, w.calendars, w.keys)
	w.cases.Reveals = w.households.Reveals
	w.cases.Locate = w.addresses.Locate
	w.cases.LinksSeen = w.links.SeenAt(link.Case)
	w.ratings = rating.New(w.store, w.areas, w.accounts, w.policies, w.calendars, w.keys)
	w.forms = form.New(w.store, w.areas)
	w.plans = plan.New(w.store, w.areas, w.households)
	w.visits = visit.New(w.store, w.areas, w.keys, w.households)
	w.scheduler = schedule.New(w.store, w.areas, w.households, w.plans, w.visits.Promises)
	w.doors = &coordination.Doors{Store: w.store, Households: w.households, Stops: w.visits.Stops, Tickets: w.tickets, Cases: w.cases}
	w.homeCalls = &homecall.Calls{Store: w.store, Areas: w.areas, Accounts: w.accounts, Policies: w.policies, Calendars: w.calendars, Items: w.items, Households: w.households, Cases: w.cases, Keys: w.keys, Locate: w.addresses.Locate}
	w.visits.Hear(w.homeCalls.Hear)
	w.areas.PlanMoves = coordination.PlanMoves(w.tickets, w.households)
	w.postings = posting.New(w.store, w.areas, w.accounts, w.keys)
	w.deployed = deployment.New(w.store, w.areas, w.postings, w.cases, w.visits.Visits, w.tickets)
	w.figures = stats.New(stats.Sources{Areas: w.areas, Tickets: w.tickets, Visits: w.visits.Visits, Households: w.households})
	w.robots = robot.New(w.store, w.areas, w.keys)
	w.devices = device.New(w.store, w.accounts, w.keys)
	if err := w.assembleWeChat(c); err != nil {
		return err
	}
	w.hooks = webhook.NewTargets(w.store, w.accounts, w.keys)
	w.assembleNotices()
	if err := w.assembleDelivery(ctx, c); err != nil {
		return err
	}
	return w.assembleWebhooks(c)
}

// assembleNotices puts together what people are asked and told, each with who may see it.
func (w *world) assembleNotices() {
	sights := sight.All(sight.Of{Accounts: w.accounts, Areas: w.areas, Promises: w.visits.Promises, Plans: w.plans, Households: w.households, Webhooks: w.hooks, Robots: w.robots, Stations: w.stations, Cases: w.cases, Ratings: w.ratings, Tickets: w.tickets, Visits: w.visits.Visits, Stops: w.visits.Stops, HomeCalls: w.homeCalls, Qualifications: w.qualifications})
	w.todos = todo.New(w.store)
	w.notices = notice.New(w.store, w.areas, w.accounts, w.tickets)
	w.notices.Keys = w.keys
	w.todos.Sights, w.notices.Sights = sights, sights
	w.limits = limit.New(w.store, w.keys)
	w.cellNotices = cellnotice.New(w.store, w.keys, w.areas, w.households, w.notices, w.limits)
	sights[cellnotice.About], w.notices.Messages = w.cellNotices.Seen, w.cellNotices.Texts
}

// assembleWebhooks makes the sender where the configuration has hosts that it may send to.
func (w *world) assembleWebhooks(c *config) error {
	guard, err := outgoing.NewGuard(c.webhookHosts, c.webhookPrivate)
	if err != nil {
		return err
	}
	w.hooks.Allowed = guard.Allows
	w.deliveries = webhook.NewDeliveries(w.store, w.hooks, w.areas)
	if len(c.webhookHosts) > 0 {
		w.sender = webhooks.New(w.hooks, w.deliveries, guard)
	}
	return nil
}

// geocoders are those that have a key.
func geocoders(c *config, log *slog.Logger) (out []address.Geocoder) {
	if c.amapKey != "" {
		out = append(out, geocode.NewAMap(c.amapURL, c.amapKey, log))
	}
	if c.tiandituKey != "" {
		out = append(out, geocode.NewTianditu(c.tiandituURL, c.tiandituKey, log))
	}
	return out
}

// personalKeys makes keys for an empty store only: others open nothing of what a store holds.
func personalKeys(c *config, empty bool) (*personal.Keys, error) {
	path := filepath.Join(c.data, personalKeysFile)
	if empty {
		return personal.LoadKeys(path, c.personalKeys)
	}
	keys, err := personal.OpenKeys(path, c.personalKeys)
	if errors.Is(err, keyfile.ErrMissing) {
		return nil, fmt.Errorf("%w, and the store is not empty: restore %s (or WANGGE_PERSONAL_KEYS) from the backup", err, personalKeysFile)
	}
	return keys, err
}

var errOtherKeys = errors.New("the personal keys do not open what the store holds: restore " + personalKeysFile + " (or WANGGE_PERSONAL_KEYS) from the backup")

// checkKeys opens one sealed name, so that another store's key file is noticed
// before anything is sealed with it, or is no longer found by what it opens.
func (w *world) checkKeys(ctx context.Context, st *store.Store) error {
	err := account.CheckKeys(ctx, st, w.keys)
	if errors.Is(err, personal.ErrSealed) {
		return errOtherKeys
	}
	return err
}

func (w *world) close(ctx context.Context) error {
	var err error
	if w.store != nil {
		err = w.store.Close(ctx)
	}
	if w.lock != nil {
		err = errors.Join(err, w.lock.Close())
	}
	return err
}

// lock keeps a second process off the SQLite file: it would not see the first one's commits arrive.
func lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("another wangge runs on the data folder %s: stop it, or import through its API", dir)
	}
	return f, nil
}

// kept are the collections of the program.
func kept(keys *personal.Keys) []store.Declared {
	return append(collections.All(keys), demo.Collections()...)
}
