package sms

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	dysms "github.com/alibabacloud-go/dysmsapi-20170525/v5/client"
	"github.com/alibabacloud-go/tea/tea"

	"wangge/domain/civil"
	"wangge/domain/delivery"
	"wangge/domain/sms"
	"wangge/notifications/outgoing"
)

// Account is what a service knows us by, and what we have registered there.
type Account struct {
	URL              string // of the service
	KeyID, KeySecret string
	Signature        string
	Templates        map[sms.Template]string
}

// Alibaba is Alibaba Cloud's service (阿里云短信).
type Alibaba struct {
	Account
	http *outgoing.Service
}

// NewAlibaba sends by an account there.
func NewAlibaba(a Account) *Alibaba { return &Alibaba{a, outgoing.NewService(atOnce)} }

// client is one of the library, for one call: it goes by ctx, over a client
// that bounds what is read and follows no redirect, and tries once.
func (s *Alibaba) client(ctx context.Context) (*dysms.Client, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil, err
	}
	return dysms.NewClient(&openapi.Config{
		AccessKeyId: &s.KeyID, AccessKeySecret: &s.KeySecret, Endpoint: &u.Host, Protocol: &u.Scheme, HttpClient: caller{ctx, s.http.HTTP()},
	})
}

// caller makes the library's requests.
type caller struct {
	ctx  context.Context
	http *http.Client
}

// Call makes one; the transport that the library would use is not used.
func (c caller) Call(req *http.Request, _ *http.Transport) (*http.Response, error) {
	return c.http.Do(req.WithContext(c.ctx))
}

// Send sends a message, whose id the service keeps (OutId).
func (s *Alibaba) Send(ctx context.Context, m sms.Message) delivery.Outcome {
	client, err := s.client(ctx)
	if err != nil {
		return delivery.Outcome{State: delivery.Broken, Code: "settings"}
	}
	params := "{}"
	if m.Code != "" {
		params = `{"code":"` + m.Code + `"}`
	}
	answer, err := client.SendSms(&dysms.SendSmsRequest{
		PhoneNumbers: &m.Phone, SignName: &s.Signature, TemplateCode: tea.String(s.Templates[m.Template]), TemplateParam: &params, OutId: &m.ID,
	})
	if err != nil {
		return s.failed(err)
	}
	if answer.Body == nil || tea.StringValue(answer.Body.Code) == "" {
		return delivery.Outcome{State: sms.Unsure, Code: "answer"}
	}
	if code := *answer.Body.Code; code != "OK" {
		return alibabaCode(code)
	}
	return delivery.Outcome{State: delivery.Taken, Key: tea.StringValue(answer.Body.BizId)}
}

// failed is what came of a call without a sound answer. Whether the message
// went out is not known then, unless nobody was reached.
func (s *Alibaba) failed(err error) delivery.Outcome {
	var said *tea.SDKError
	if errors.As(err, &said) && tea.IntValue(said.StatusCode) != 0 {
		if status := tea.IntValue(said.StatusCode); status < 500 {
			return alibabaCode(tea.StringValue(said.Code))
		}
		return delivery.Outcome{State: sms.Unsure, Code: "status"}
	}
	return unreached(err)
}

// unreached is what came of a call that had no answer.
func unreached(err error) delivery.Outcome {
	switch code := outgoing.Code(err); code {
	case "name", "connect", "tls":
		return delivery.Outcome{State: delivery.Later, Code: code}
	default:
		return delivery.Outcome{State: sms.Unsure, Code: code}
	}
}

// What the beginnings of the service's words mean; the first that fits counts,
// and what is not here is a message that is wrong.
var alibabaCodes = []struct {
	begins string
	state  delivery.State
	after  time.Duration
}{
	{"isv.BUSINESS_LIMIT_CONTROL", delivery.Later, time.Minute},
	{"isv.DAY_LIMIT_CONTROL", delivery.Later, time.Hour},
	{"isp.SYSTEM_ERROR", delivery.Later, 0},
	{"Throttling", delivery.Later, 0},
	{"ServiceUnavailable", delivery.Later, 0},
	{"isv.OUT_OF_SERVICE", delivery.Broken, time.Minute},
	{"isv.AMOUNT_NOT_ENOUGH", delivery.Broken, time.Minute},
	{"isv.ACCOUNT_", delivery.Broken, time.Minute},
	{"isv.PRODUCT_UN", delivery.Broken, time.Minute},
	{"isv.SIGN_", delivery.Broken, time.Minute},
	{"SIGN_", delivery.Broken, time.Minute},
	{"isv.SMS_SIGN", delivery.Broken, time.Minute},
	{"isv.SMS_TEMPLATE", delivery.Broken, time.Minute},
	{"isv.TEMPLATE_", delivery.Broken, time.Minute},
	{"isp.RAM_PERMISSION_DENY", delivery.Broken, time.Minute},
	{"isv.RAM_PERMISSION_DENY", delivery.Broken, time.Minute},
	{"InvalidAccessKeyId", delivery.Broken, time.Minute},
	{"SignatureDoesNotMatch", delivery.Broken, time.Minute},
	{"IncompleteSignature", delivery.Broken, time.Minute},
	{"Forbidden", delivery.Broken, time.Minute},
	{"NoPermission", delivery.Broken, time.Minute},
}

func alibabaCode(code string) delivery.Outcome {
	for _, c := range alibabaCodes {
		if strings.HasPrefix(code, c.begins) {
			return delivery.Outcome{State: c.state, After: c.after, Code: word(code)}
		}
	}
	return delivery.Outcome{State: delivery.Never, Code: word(code)}
}

var (
	wordForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$`)
	digits   = regexp.MustCompile(`[0-9]{5}`)
)

// word is a service's code as it may be kept and shown: no text, and nothing that may be a number or a code.
func word(code string) string {
	if !wordForm.MatchString(code) || digits.MatchString(code) {
		return "answer"
	}
	return code
}

// detailsMost: a number gets ten codes a day at most.
const detailsMost = 50

var errAnswer = errors.New("sms: no answer that can be read")

// Find looks among the messages that the number got on the day of the last try.
func (s *Alibaba) Find(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	client, err := s.client(ctx)
	if err != nil {
		return sms.Receipt{}, errors.New("sms: settings")
	}
	ask := &dysms.QuerySendDetailsRequest{
		PhoneNumber: &m.Phone, SendDate: tea.String(strings.ReplaceAll(string(civil.DateOf(m.Tried)), "-", "")), PageSize: tea.Int64(detailsMost), CurrentPage: tea.Int64(1),
	}
	if m.Receipt != "" {
		ask.BizId = &m.Receipt
	}
	answer, err := client.QuerySendDetails(ask)
	if err != nil {
		return sms.Receipt{}, errors.New("sms: " + s.failed(err).Code)
	}
	if answer.Body == nil || tea.StringValue(answer.Body.Code) != "OK" {
		return sms.Receipt{}, errAnswer
	}
	if answer.Body.SmsSendDetailDTOs == nil {
		return sms.Receipt{}, nil
	}
	for _, d := range answer.Body.SmsSendDetailDTOs.SmsSendDetailDTO {
		if d == nil || tea.StringValue(d.OutId) != m.ID {
			continue
		}
		switch tea.Int64Value(d.SendStatus) {
		case 1:
			return sms.Receipt{State: sms.Accepted, Key: m.Receipt}, nil
		case 2:
			return sms.Receipt{State: sms.Failed, Code: word(tea.StringValue(d.ErrCode))}, nil
		case 3:
			return sms.Receipt{State: sms.Delivered}, nil
		}
	}
	return sms.Receipt{}, nil
}
