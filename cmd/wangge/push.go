package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"wangge/domain"
	"wangge/domain/delivery"
	"wangge/domain/device"
	"wangge/notifications/delivering"
	"wangge/notifications/push"
	"wangge/notifications/push/fcm"
	"wangge/notifications/push/gateway"
	"wangge/notifications/push/getui"
	"wangge/notifications/push/jpush"
	"wangge/notifications/push/robot"
)

// pushConfig is what the settings say about push. A way without its settings is off.
type pushConfig struct {
	fcmKeyFile, fcmURL                        string
	jpushURL, jpushKey, jpushSecret           string
	getuiURL, getuiApp, getuiKey, getuiSecret string
	gatewayURL, gatewaySecret                 string
	xiaomiChannel, oppoChannel                string
	robots                                    bool
	wecomURL, dingtalkURL                     string
}

// pushSettings are the settings of push.
var pushSettings = []setting{
	{"fcm-key-file", "WANGGE_FCM_KEY_FILE", "", "file with the key of a Firebase service account, for pushes by FCM; empty: none go out by it", "serve",
		func(c *config, v string) error { c.push.fcmKeyFile = v; return nil }},
	{"fcm-url", "WANGGE_FCM_URL", "", "address asked in place of Google's, such as a relay outside the mainland; empty: Google's", "serve",
		func(c *config, v string) (err error) { c.push.fcmURL, err = publicURL(v); return err }},
	{"jpush-key", "WANGGE_JPUSH_KEY", "", "key of the app at JPush; empty: nothing goes out by it", "serve",
		func(c *config, v string) error { c.push.jpushKey = v; return nil }},
	{"jpush-url", "WANGGE_JPUSH_URL", "https://api.jpush.cn", "address of JPush", "serve",
		func(c *config, v string) (err error) { c.push.jpushURL, err = publicURL(v); return err }},
	{"getui-app", "WANGGE_GETUI_APP", "", "id of the app at Getui; empty: nothing goes out by it", "serve",
		func(c *config, v string) error { c.push.getuiApp = v; return nil }},
	{"getui-key", "WANGGE_GETUI_KEY", "", "key of the app at Getui", "serve",
		func(c *config, v string) error { c.push.getuiKey = v; return nil }},
	{"getui-url", "WANGGE_GETUI_URL", "https://restapi.getui.com", "address of Getui", "serve",
		func(c *config, v string) (err error) { c.push.getuiURL, err = publicURL(v); return err }},
	{"push-gateway", "WANGGE_PUSH_GATEWAY", "", "address that pushes are posted to, signed as Standard Webhooks says, for a service that is not known here, such as a cloud function of uni-push; empty: none", "serve",
		func(c *config, v string) (err error) { c.push.gatewayURL, err = publicURL(v); return err }},
	{"xiaomi-channel", "WANGGE_XIAOMI_CHANNEL", "", "id of the channel that Xiaomi granted the app, for JPush and Getui; without one Xiaomi shows next to nothing", "serve",
		func(c *config, v string) error { c.push.xiaomiChannel = v; return nil }},
	{"oppo-channel", "WANGGE_OPPO_CHANNEL", "", "id of the channel that OPPO granted the app, likewise", "serve",
		func(c *config, v string) error { c.push.oppoChannel = v; return nil }},
	{"robots", "WANGGE_ROBOTS", "false", "let managers have the robots of WeCom and DingTalk groups tell what happens in their streets", "serve",
		func(c *config, v string) error { return boolean(v, &c.push.robots) }},
	{"wecom-url", "WANGGE_WECOM_URL", "https://qyapi.weixin.qq.com", "address of WeCom's robots", "serve",
		func(c *config, v string) (err error) { c.push.wecomURL, err = publicURL(v); return err }},
	{"dingtalk-url", "WANGGE_DINGTALK_URL", "https://oapi.dingtalk.com", "address of DingTalk's robots", "serve",
		func(c *config, v string) (err error) { c.push.dingtalkURL, err = publicURL(v); return err }},
	{"", "WANGGE_JPUSH_SECRET", "", "master secret of the app at JPush", "serve",
		func(c *config, v string) error { c.push.jpushSecret = v; return nil }},
	{"", "WANGGE_GETUI_SECRET", "", "master secret of the app at Getui", "serve",
		func(c *config, v string) error { c.push.getuiSecret = v; return nil }},
	{"", "WANGGE_PUSH_GATEWAY_SECRET", "", "secret that pushes to the gateway are signed with: whsec_ and 24 to 64 bytes in base64", "serve",
		func(c *config, v string) error { c.push.gatewaySecret = v; return nil }},
}

// channels are those whose settings are there; the error names every setting
// that is missing of one that is meant to be, and says what is wrong with a key.
func (c *pushConfig) channels(ctx context.Context) (map[delivery.Way]delivering.Channel, error) {
	out := map[delivery.Way]delivering.Channel{}
	var wrong []error
	vendors := push.Vendors{Xiaomi: c.xiaomiChannel, OPPO: c.oppoChannel}
	if c.fcmKeyFile != "" {
		if to, err := c.fcm(ctx); err != nil {
			wrong = append(wrong, fmt.Errorf("--fcm-key-file: %w", err))
		} else {
			out[delivery.FCM] = delivering.Channel{Channel: to, AtOnce: 8}
		}
	}
	if on, err := whole("--jpush-key", c.jpushKey, "WANGGE_JPUSH_SECRET", c.jpushSecret); err != nil {
		wrong = append(wrong, err)
	} else if on {
		out[delivery.JPush] = delivering.Channel{Channel: jpush.New(c.jpushURL, c.jpushKey, c.jpushSecret, vendors), AtOnce: 8, PerMinute: 600}
	}
	if on, err := whole("--getui-app", c.getuiApp, "--getui-key", c.getuiKey, "WANGGE_GETUI_SECRET", c.getuiSecret); err != nil {
		wrong = append(wrong, err)
	} else if on {
		out[delivery.Getui] = delivering.Channel{Channel: getui.New(c.getuiURL, c.getuiApp, c.getuiKey, c.getuiSecret, vendors), AtOnce: 8}
	}
	if on, err := whole("--push-gateway", c.gatewayURL, "WANGGE_PUSH_GATEWAY_SECRET", c.gatewaySecret); err != nil {
		wrong = append(wrong, err)
	} else if on {
		if to, err := gateway.New(c.gatewayURL, c.gatewaySecret); err != nil {
			wrong = append(wrong, errors.New("WANGGE_PUSH_GATEWAY_SECRET: is not whsec_ and bytes in base64"))
		} else {
			out[delivery.Gateway] = delivering.Channel{Channel: to, AtOnce: 8}
		}
	}
	if c.robots {
		out[delivery.Robot] = delivering.Channel{Channel: robot.New(c.wecomURL, c.dingtalkURL), AtOnce: 4}
	}
	return out, errors.Join(wrong...)
}

func (c *pushConfig) fcm(ctx context.Context) (delivery.Channel, error) {
	key, err := os.ReadFile(c.fcmKeyFile)
	if err != nil {
		return nil, err
	}
	return fcm.New(ctx, key, c.fcmURL)
}

// whole reports whether settings, each a name and a value, are all there; an
// error names those that are not, where some are.
func whole(settings ...string) (bool, error) {
	var there, missing []string
	for i := 0; i < len(settings); i += 2 {
		if settings[i+1] == "" {
			missing = append(missing, settings[i])
		} else {
			there = append(there, settings[i])
		}
	}
	if len(there) > 0 && len(missing) > 0 {
		return false, fmt.Errorf("%s also needs %s", there[0], strings.Join(missing, " and "))
	}
	return len(there) > 0, nil
}

// sayWays tells who starts the program by which ways messages go out.
func sayWays(log *slog.Logger, ways []delivery.Way) {
	on := make([]string, len(ways))
	for i, w := range ways {
		on[i] = string(w)
	}
	log.Info("what people are told goes to their inbox, and out by", "ways", strings.Join(on, " "))
}

// registrable are the ways by which apps register.
func registrable(ways []delivery.Way) []delivery.Way {
	return slices.DeleteFunc(domain.CodesOf[delivery.Way](device.WayWords), func(w delivery.Way) bool { return !slices.Contains(ways, w) })
}
