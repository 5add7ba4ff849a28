package main

import (
	"fmt"
	"os"

	"wangge/domain/delivery"
	"wangge/domain/wechat"
	"wangge/notifications/delivering"
	wechatservice "wangge/notifications/wechat"
)

// wechatConfig is what the settings say about the mini-program.
type wechatConfig struct {
	app, secret, url string
	templates        string // file
}

// wechatSettings are the settings of the mini-program.
var wechatSettings = []setting{
	{"wechat-app", "WANGGE_WECHAT_APP", "", "id of the mini-program at WeChat, by which people sign in; empty: nobody does", "serve",
		func(c *config, v string) error { c.wechat.app = v; return nil }},
	{"wechat-templates", "WANGGE_WECHAT_TEMPLATES", "", "file with the templates of subscription messages, see below; empty: none are sent", "serve",
		func(c *config, v string) error { c.wechat.templates = v; return nil }},
	{"wechat-url", "WANGGE_WECHAT_URL", "https://api.weixin.qq.com", "address of WeChat's server", "serve",
		func(c *config, v string) (err error) { c.wechat.url, err = publicURL(v); return err }},
	{"", "WANGGE_WECHAT_SECRET", "", "secret of the mini-program", "serve",
		func(c *config, v string) error { c.wechat.secret = v; return nil }},
}

// client speaks to WeChat; nil without a mini-program.
func (c *wechatConfig) client() (*wechatservice.Client, []wechat.Template, error) {
	on, err := whole("--wechat-app", c.app, "WANGGE_WECHAT_SECRET", c.secret)
	if err != nil {
		return nil, nil, err
	}
	var templates wechatservice.Templates
	if c.templates != "" {
		if !on {
			return nil, nil, fmt.Errorf("--wechat-templates also needs --wechat-app and WANGGE_WECHAT_SECRET")
		}
		file, err := os.ReadFile(c.templates)
		if err == nil {
			templates, err = wechatservice.ReadTemplates(file)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("--wechat-templates: %w", err)
		}
	}
	if !on {
		return nil, nil, nil
	}
	return wechatservice.New(c.url, c.app, c.secret, templates), templates.Named(), nil
}

// assembleWeChat makes what people sign in by from a mini-program, where there is one.
func (w *world) assembleWeChat(c *config) error {
	w.wechat = wechat.New(w.store, w.accounts, w.devices, w.keys)
	client, templates, err := c.wechat.client()
	if err == nil && client != nil {
		w.wechat.Service, w.wechat.Templates, w.miniProgram = client, templates, client
	}
	return err
}

// messagesByWeChat adds the channel of subscription messages, where there are templates.
func (w *world) messagesByWeChat(to map[delivery.Way]delivering.Channel) {
	if len(w.wechat.Templates) > 0 {
		to[delivery.WeChat] = delivering.Channel{Channel: w.miniProgram, AtOnce: 8}
	}
}
