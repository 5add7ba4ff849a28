package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
)

// SignIn is one way into the demonstration.
type SignIn struct {
	Role        access.Role
	ZH          string
	User        string // username, or a resident's phone
	Secret      string // password or code
	Description string
}

// SignIns is one sign-in per role.
var SignIns = []SignIn{
	{access.Resident, "居民", "13800000001", Code, "code; also …02 to …05"},
	{access.OutreachWorker, "网格员", "outreach_worker", Password, "posted in the cells of one community of 平江街道"},
	{access.Handler, "处置人员", "handler", Password, "of 平江物业"},
	{access.CounterWorker, "全科社工", "counter_worker", Password, "at the counter of 景城民众联络所"},
	{access.GridLead, "网格长", "grid_lead", Password, "leads its cells"},
	{access.CommunityManager, "社区负责人", "community_manager", Password, "the same community"},
	{access.Dispatcher, "街道指挥员", "dispatcher", Password, "平江街道"},
	{access.StreetManager, "街道管理员", "street_manager", Password, "平江街道"},
	{access.Admin, "平台管理员", "admin", Password, "everything"},
	{access.Integration, "系统接入", "integration", Password, "reads areas and cells, tells of cases"},
}

var chinese = map[access.Role]string{
	access.OutreachWorker: "网格员", access.Handler: "处置", access.CounterWorker: "全科社工", access.GridLead: "网格长",
	access.CommunityManager: "社区主任", access.Dispatcher: "指挥员", access.StreetManager: "街道管理员", access.Admin: "平台管理员", access.Integration: "地图平台",
}

const (
	surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
	givens   = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂文华建国玉兰红梅志远晓东思雨子涵佳怡"
)

// name is a made-up person's name, the same for the same number.
func name(n int) string {
	s, g := []rune(surnames), []rune(givens)
	return string(s[n*7%len(s)]) + string(g[n*11%len(g)]) + string(g[(n*5+3)%len(g)])
}

// person is somebody who works in a street and has no demo sign-in.
type person struct {
	username, street string
	role             access.Role
}

// staff is who works where.
type staff struct {
	lead, worker map[string]access.Actor // by cell id
	visitors     map[string]access.Actor // by cell id, where it is not the worker who visits
	mediators    map[string]access.Actor // by cell id, where there are any
	handlers     map[string]access.Actor // by organisation
	orgs         map[string][]string     // organisations by street id
	people       []person
	posts        map[string][]area.Post  // by cell code
	streets      map[string][]*area.Cell // by code
	home         []*area.Cell            // of the demo sign-ins
}

// roster says who works where: a lead for every community, a worker for every
// two cells, and a manager, a dispatcher, a property company and city management for
// every street.
func (w World) roster() *staff {
	st := &staff{lead: map[string]access.Actor{}, worker: map[string]access.Actor{}, visitors: map[string]access.Actor{}, mediators: map[string]access.Actor{}, handlers: map[string]access.Actor{}, orgs: map[string][]string{},
		posts: map[string][]area.Post{}, streets: map[string][]*area.Cell{}}
	communities := map[string][]*area.Cell{} // by code
	var order []string
	for _, c := range w.Areas.Map().Cells() {
		code := c.Code[:12]
		if communities[code] == nil {
			order = append(order, code)
		}
		communities[code] = append(communities[code], c)
		st.streets[code[:9]] = append(st.streets[code[:9]], c)
	}
	st.home = communities[homeCommunity]
	for _, code := range order {
		st.community(code, communities[code])
	}
	st.freed()
	for _, code := range sortedKeys(st.streets) {
		if code != Home {
			st.people = append(st.people, person{string(access.Dispatcher) + "-" + code, code, access.Dispatcher})
			if code != fengqiao {
				st.people = append(st.people, person{managerIn(code), code, access.StreetManager})
			}
		}
		orgs := []string{id("organisation", "property/"+code), id("organisation", "city/"+code)}
		st.orgs[st.streets[code][0].Place.Street] = orgs
		for _, org := range orgs {
			st.handlers[org] = access.Actor{Account: id("account", string(access.Handler)), Organisation: org, Grants: []access.Grant{{Role: access.Handler}}}
		}
	}
	return st
}

// community has a lead and, for every two cells, a worker.
func (st *staff) community(code string, cells []*area.Cell) {
	lead := "lead-" + code[6:]
	if code == homeCommunity {
		lead = string(access.GridLead)
	} else {
		st.people = append(st.people, person{lead, code[:9], access.GridLead})
	}
	worker := ""
	for i, c := range cells {
		switch {
		case code == homeCommunity:
			worker = string(access.OutreachWorker)
		case i%2 == 0:
			worker = freedIn("worker", c.Code)
			st.people = append(st.people, person{worker, code[:9], access.OutreachWorker})
		}
		st.lead[c.ID] = st.post(c, lead, access.GridLead)
		st.worker[c.ID] = st.post(c, worker, access.OutreachWorker)
	}
}

// managerIn is the username of who manages a street.
func managerIn(street string) string {
	switch street {
	case Home:
		return string(access.StreetManager)
	case fengqiao:
		return FengqiaoManager
	}
	return "manager-" + street
}

func (st *staff) post(c *area.Cell, username string, role access.Role) access.Actor {
	who := access.Actor{Account: id("account", username), Grants: []access.Grant{{Role: role, Level: access.Cell, Area: c.ID}}}
	st.posts[c.Code] = append(st.posts[c.Code], area.Post{Account: who.Account, Role: role})
	return who
}

// people makes accounts and posts.
func (w *filling) people(ctx context.Context) error {
	roles := []access.Role{access.OutreachWorker, access.GridLead, access.CounterWorker, access.CommunityManager, access.Dispatcher, access.StreetManager, access.Handler, access.Integration}
	err := inParallel(ctx, w.told, roles, func(ctx context.Context, _ int, r access.Role) error {
		at, org := Home, ""
		switch r {
		case access.CommunityManager:
			at = homeCommunity
		case access.CounterWorker:
			if at = homeCommunity; w.size == Whole {
				at = jingcheng
			}
		case access.Integration:
			at = "3205"
		case access.Handler:
			at, org = "", id("organisation", "property/"+Home)
		}
		return w.role(ctx, w.began, r, at, org)
	})
	if err != nil {
		return err
	}
	if err := w.posts(ctx); err != nil {
		return err
	}
	return w.residents(ctx)
}

// role makes the demo sign-in of a role.
func (w World) role(ctx context.Context, now time.Time, r access.Role, at, org string) error {
	_, err := w.Accounts.Create(ctx, access.Program, now, account.NewAccount{
		ID: id("account", string(r)), Username: string(r), Name: "演示" + chinese[r], Password: Password, Organisation: org,
		Machine: r == access.Integration, Grants: []account.GrantInput{{Role: r, Area: at}},
	})
	return err
}

// organisations: a property company and city management in every street, and who works everywhere.
func (w *filling) organisations(ctx context.Context) error {
	type org struct {
		key, street, name string
		kind              area.OrganisationKind
	}
	orgs := []org{{"water", "", "苏州市供水抢修中心", "water"}, {"power", "", "苏州供电公司", "power"}}
	for _, code := range sortedKeys(w.staff.streets) {
		street, _ := w.Areas.Tree().ByCode(code)
		short := strings.TrimSuffix(street.Name, "街道")
		orgs = append(orgs, org{"property/" + code, code, short + "物业服务公司", "property_company"}, org{"city/" + code, code, short + "综合行政执法队", "city_management"})
	}
	return inParallel(ctx, w.told, orgs, func(ctx context.Context, i int, o org) error {
		_, err := w.Areas.CreateOrganisation(ctx, access.Program, w.began, area.NewOrganisation{
			ID: id("organisation", o.key), Name: o.name, Kind: o.kind, Street: o.street, Phone: fmt.Sprintf("0512-6700%04d", len(o.key)*37%10000),
		})
		return err
	})
}

// posts makes the accounts of everybody who has none, and posts them.
func (w *filling) posts(ctx context.Context) error {
	err := inParallel(ctx, w.told, w.staff.people, func(ctx context.Context, i int, p person) error {
		_, err := w.Accounts.Create(ctx, access.Program, w.began, account.NewAccount{
			ID: id("account", p.username), Username: p.username, Name: name(i), Grants: []account.GrantInput{{Role: p.role, Area: p.street}},
		})
		return err
	})
	if err != nil {
		return err
	}
	board := w.staff.board()
	return inParallel(ctx, w.told, sortedKeys(w.staff.streets), func(ctx context.Context, _ int, street string) error {
		for _, c := range w.staff.streets[street] { // one after the other: the cells of a street share its coverage
			if len(c.Posts) > 0 {
				continue // a filling that was stopped goes on
			}
			posts := w.staff.posts[c.Code]
			for i := range posts {
				posts[i].Published = board[posts[i].Account]
			}
			if _, err := w.Accounts.SetStaff(ctx, access.Program, w.began, c.Code, posts, nil, 0); err != nil {
				return fmt.Errorf("cell %s: %w", c.Code, err)
			}
		}
		return nil
	})
}

// board is what is published of who works in the cells, by account.
func (st *staff) board() map[string]area.Contact {
	out := map[string]area.Contact{}
	publish := func(username, called string) {
		out[id("account", username)] = area.Contact{Name: called, Phone: fmt.Sprintf("0512-6580%04d", 1000+len(out)), Hours: "周一至周五 9:00–17:30"}
	}
	for _, r := range []access.Role{access.GridLead, access.OutreachWorker} {
		publish(string(r), "演示"+chinese[r])
	}
	for i, p := range st.people {
		publish(p.username, name(i))
	}
	return out
}

// residents sign in as they would, which makes their accounts.
func (w *filling) residents(ctx context.Context) error {
	for i := len(w.record.Residents); i < residents+neighbours; i++ {
		phone := residentPhone(i)
		in, err := w.Accounts.SignIn(ctx, w.began, account.Credentials{Phone: phone, Code: Code}, "127.0.0.1")
		if err != nil {
			return fmt.Errorf("resident %s: %w", phone, err)
		}
		actor := resident(in.Account.ID)
		actor.Session = in.Session.ID
		called := residentName(i)
		if _, err := w.Accounts.UpdateMe(ctx, actor, w.began, 0, account.OwnChange{Name: &called}, "127.0.0.1"); err != nil {
			return err
		}
		if err := w.Accounts.SignOut(ctx, actor); err != nil && !errors.Is(err, domain.ErrNotFound) {
			return err
		}
		if err := w.keep(ctx, func(r *record) { r.Residents = append(r.Residents, in.Account.ID) }); err != nil {
			return err
		}
	}
	return nil
}

// residents is how many have a sign-in that people are told of; neighbours are the others who report things.
const (
	residents  = 5
	neighbours = 25
)

func residentPhone(i int) string {
	if i >= residents {
		return fmt.Sprintf("1909999%04d", i)
	}
	return fmt.Sprintf("1380000000%d", i+1)
}

func residentName(i int) string { return name(i * 13) }

func resident(account string) access.Actor {
	return access.Actor{Account: account, Grants: []access.Grant{{Role: access.Resident}}}
}
