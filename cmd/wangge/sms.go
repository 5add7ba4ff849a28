package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"wangge/domain/account"
	"wangge/domain/sms"
	smssender "wangge/notifications/sms"
	"wangge/store/jobs"
)

// smsConfig is what the settings say about text messages.
type smsConfig struct {
	service string // none: ""
	smssender.Account
	budget, price float64 // yuan
}

// smsServices are those there are, with their addresses.
var smsServices = map[string]string{"alibaba": "https://dysmsapi.aliyuncs.com"}

func (c *smsConfig) setService(v string) error {
	if smsServices[v] == "" {
		return errors.New("is not alibaba")
	}
	c.service = v
	return nil
}

func (c *smsConfig) setTemplates(v string) error {
	c.Templates = map[sms.Template]string{}
	for _, part := range split(v) {
		name, id, ok := strings.Cut(part, "=")
		if known := sms.Template(name) == sms.Code || sms.Template(name) == sms.Urgent; !ok || !known || id == "" {
			return errors.New("is not templates such as code=SMS_1,urgent=SMS_2")
		}
		c.Templates[sms.Template(name)] = id
	}
	return nil
}

func yuan(v string, into *float64) error {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || !(n > 0) || math.IsInf(n, 0) {
		return errors.New("is not a sum above 0, such as 100 or 0.05")
	}
	*into = n
	return nil
}

// sender is the service that sends; the error names every setting that is missing.
func (c *smsConfig) sender() (sms.Service, error) {
	var missing []error
	for _, need := range []struct{ name, value string }{
		{"WANGGE_SMS_KEY_ID", c.KeyID}, {"WANGGE_SMS_KEY_SECRET", c.KeySecret}, {"WANGGE_SMS_SIGNATURE", c.Signature},
		{"WANGGE_SMS_TEMPLATES: code", c.Templates[sms.Code]}, {"WANGGE_SMS_TEMPLATES: urgent", c.Templates[sms.Urgent]},
	} {
		if need.value == "" {
			missing = append(missing, fmt.Errorf("text messages by %s need a value in %s", c.service, need.name))
		}
	}
	to := c.Account
	if to.URL == "" {
		to.URL = smsServices[c.service]
	}
	return smssender.NewAlibaba(to), errors.Join(missing...)
}

// assembleSMS makes what sends text messages, where a service is configured.
func (w *world) assembleSMS(c *config, opts *account.Options) error {
	if c.sms.service == "" {
		return nil
	}
	service, err := c.sms.sender()
	if err != nil {
		return err
	}
	w.texts = sms.New(w.store, w.keys, int(c.sms.budget/c.sms.price), time.Now)
	w.texts.Staff = func(ctx context.Context, phone string) (bool, error) { return w.accounts.Works(ctx, phone) }
	w.smsSender = smssender.New(w.texts, service)
	opts.Sender = w.texts
	return nil
}

// sendTexts sends text messages, on every node, where a service is configured.
func (w *world) sendTexts(ctx context.Context, n jobs.Node) {
	if w.smsSender != nil {
		w.smsSender.Run(ctx, n)
	}
}
