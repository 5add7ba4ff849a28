package handlers

import (
	"time"

	"wangge/domain"
	"wangge/domain/delivery"
	"wangge/domain/device"
	"wangge/domain/ids"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// deviceOut is a device without its address, which is for the program only.
type deviceOut struct {
	ID       string          `json:"id"`
	Way      delivery.Way    `json:"way"`
	Platform device.Platform `json:"platform"`
	Language string          `json:"language"`
	Model    *string         `json:"model"`
	Current  bool            `json:"current"` // registered in this sign-in
	Since    wire.Time       `json:"since"`
	SeenAt   wire.Time       `json:"seenAt"`
}

// devicesOut are all of them; there are too few for pages.
type devicesOut struct {
	Items []deviceOut    `json:"items"`
	Ways  []delivery.Way `json:"ways"` // to register by
}

type deviceIn struct {
	Way      pushWay         `json:"way" need:"true"`
	Address  string          `json:"address" need:"true"`
	Platform device.Platform `json:"platform" need:"true"`
	Language string          `json:"language" need:"true"`
	Model    string          `json:"model"`
	At       time.Time       `json:"at" need:"true"`
}

func (r *apiRequest) deviceOut(d *device.Device) deviceOut {
	return deviceOut{d.ID, d.Way, d.Platform, d.Language, optional(d.Model), d.Session == r.Actor.Session, wire.Time(d.Since), wire.Time(d.Seen)}
}

func listDevices(r *apiRequest) (*web.Reply, error) {
	own, err := r.Devices.Own(r.Ctx, r.Actor, r.Now)
	if err != nil {
		return nil, err
	}
	return web.OK(devicesOut{each(own, r.deviceOut), append([]delivery.Way{}, r.Devices.On...)}), nil
}

// putDevice answers the same whosever the device was before.
func putDevice(r *apiRequest) (*web.Reply, error) {
	var in deviceIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	if !ids.Is(r.Param("id")) {
		return nil, domain.ErrNotFound
	}
	d, err := r.Devices.Register(r.Ctx, r.Actor, r.Now, device.Registration{ID: r.Param("id"), Way: delivery.Way(in.Way), Address: in.Address, Platform: in.Platform, Language: in.Language, Model: in.Model, At: in.At})
	if err != nil {
		return nil, err
	}
	return web.OK(r.deviceOut(d)), nil
}

func endDevice(r *apiRequest) (*web.Reply, error) {
	if err := r.Devices.End(r.Ctx, r.Actor, r.Param("id")); err != nil {
		return nil, err
	}
	return web.Empty(), nil
}
