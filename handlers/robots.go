package handlers

import (
	"wangge/domain"
	"wangge/domain/ids"
	"wangge/domain/notice"
	"wangge/domain/robot"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// robotOut is a robot of a group, without what it is written to by.
type robotOut struct {
	ID        string        `json:"id"`
	Title     string        `json:"title"`
	Service   robot.Service `json:"service"`
	Area      namedOut      `json:"area"`
	Key       string        `json:"key"` // masked
	Signed    bool          `json:"signed"`
	Kinds     []notice.Kind `json:"kinds"`
	Language  string        `json:"language"`
	Enabled   bool          `json:"enabled"`
	Refused   *string       `json:"refused"`
	CreatedAt wire.Time     `json:"createdAt"`
	UpdatedAt wire.Time     `json:"updatedAt"`
	Version   int64         `json:"version"`
}

type robotIn struct {
	ID       string        `json:"id"`
	Title    string        `json:"title" need:"true"`
	Service  robot.Service `json:"service" need:"true"`
	Area     string        `json:"area" need:"true"`
	URL      string        `json:"url" need:"true"`
	Secret   string        `json:"secret"`
	Kinds    []notice.Kind `json:"kinds"`
	Language string        `json:"language" need:"true"`
	Enabled  *bool         `json:"enabled"`
}

type robotPatch struct {
	Title    *string              `json:"title"`
	URL      *string              `json:"url"`
	Secret   web.Nullable[string] `json:"secret"`
	Kinds    *[]notice.Kind       `json:"kinds"`
	Language *string              `json:"language"`
	Enabled  *bool                `json:"enabled"`
}

func (r *apiRequest) robotOut(x *robot.Robot) robotOut {
	at := r.placeOut(x.Place)
	of := at.Street
	if x.Place.Community != "" {
		of = at.Community
	}
	return robotOut{x.ID, x.Title, x.Service, *of, x.Masked, !x.Secret.IsZero(), append([]notice.Kind{}, x.Kinds...), x.Language, x.Enabled, optional(x.Refused), wire.Time(x.CreatedAt), wire.Time(x.UpdatedAt), x.Version}
}

func listRobots(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Robots.List(r.Ctx, r.Actor, limit, cursor)
	if err != nil {
		return nil, err
	}
	return web.Listed(each(found, r.robotOut), next), nil
}

func createRobot(r *apiRequest) (*web.Reply, error) {
	var in robotIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	made := robot.NewRobot{Title: in.Title, Service: in.Service, Area: in.Area, URL: in.URL, Secret: in.Secret, Kinds: in.Kinds, Language: in.Language, Disabled: in.Enabled != nil && !*in.Enabled}
	made.ID = ids.Given(in.ID, "/id", &made.Wrong)
	x, err := r.Robots.Create(r.Ctx, r.Actor, r.Now, made)
	if err != nil {
		return nil, err
	}
	return &web.Reply{Status: 201, Body: r.robotOut(x), Version: x.Version, Made: web.Resource{Kind: "robot", ID: x.ID}}, nil
}

func getRobot(r *apiRequest) (*web.Reply, error) { return robotByID(r, r.Param("id")) }

func robotByID(r *apiRequest, id string) (*web.Reply, error) {
	x, err := r.Robots.Get(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	return web.Versioned(r.robotOut(x), x.Version), nil
}

func patchRobot(r *apiRequest) (*web.Reply, error) {
	var in robotPatch
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	x, err := r.Robots.Update(r.Ctx, r.Actor, r.Now, r.Param("id"), version, robot.Change{Title: in.Title, URL: in.URL, Secret: in.Secret.Pointer(), Kinds: in.Kinds, Language: in.Language, Enabled: in.Enabled})
	if err != nil {
		return nil, err
	}
	return web.Versioned(r.robotOut(x), x.Version), nil
}

func deleteRobot(r *apiRequest) (*web.Reply, error) {
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	if err := r.Robots.Delete(r.Ctx, r.Actor, r.Now, r.Param("id"), version); err != nil {
		return nil, err
	}
	return web.Empty(), nil
}

// testRobot has a message sent to the group, soon after the answer.
func testRobot(r *apiRequest) (*web.Reply, error) {
	x, err := r.Robots.Get(r.Ctx, r.Actor, r.Param("id"))
	if err != nil {
		return nil, err
	}
	if !x.Enabled {
		return nil, &domain.ConflictError{Code: "wrong_state", Detail: domain.T("该机器人已停用", "the robot is disabled")}
	}
	if err := r.TestRobot(r.Ctx, r.Now, x.Place.Street, x.ID); err != nil {
		return nil, err
	}
	return &web.Reply{Status: 202}, nil
}
