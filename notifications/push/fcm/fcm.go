// Package fcm sends by Firebase Cloud Messaging, with Google's own client. Most
// phones in mainland China do not hear from it.
package fcm

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"strconv"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/errorutils"
	"firebase.google.com/go/v4/messaging"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/option"

	"wangge/domain/delivery"
	"wangge/notifications/outgoing"
	"wangge/notifications/push"
)

const (
	scope   = "https://www.googleapis.com/auth/firebase.messaging"
	ttlMost = 28 * 24 * time.Hour
	// tryMost is for a try with all that the client tries again by itself.
	tryMost = 15 * time.Second
)

// Channel sends to registration tokens of one project.
type Channel struct {
	client   *messaging.Client
	refusals push.Refusals
}

// New takes the content of the key file of a service account; base, when not
// "", is asked in place of Google. The error says what is wrong with the key.
func New(ctx context.Context, key []byte, base string) (*Channel, error) {
	var file struct {
		Type        string `json:"type"`
		ProjectID   string `json:"project_id"`
		ClientEmail string `json:"client_email"`
		PrivateKey  string `json:"private_key"`
	}
	if json.Unmarshal(key, &file) != nil {
		return nil, errors.New("fcm: the key file is not JSON")
	}
	if file.Type != "service_account" || file.ProjectID == "" || file.ClientEmail == "" {
		return nil, errors.New(`fcm: the key file is not that of a service account, with "type", "project_id", "client_email" and "private_key"`)
	}
	if block, _ := pem.Decode([]byte(file.PrivateKey)); block == nil {
		return nil, errors.New(`fcm: "private_key" of the key file is not in PEM`)
	} else if _, err := x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		return nil, errors.New(`fcm: "private_key" of the key file is no key in PKCS #8`)
	}
	account, err := google.JWTConfigFromJSON(key, scope)
	if err != nil {
		return nil, errors.New("fcm: the key file cannot be used")
	}
	plain := outgoing.NewService(8).HTTP()
	tokens := account.TokenSource(context.WithValue(context.WithoutCancel(ctx), oauth2.HTTPClient, plain))
	client := &http.Client{Transport: authorised{tokens, plain.Transport}, CheckRedirect: plain.CheckRedirect, Timeout: plain.Timeout}
	options := []option.ClientOption{option.WithHTTPClient(client)}
	if base != "" {
		options = append(options, option.WithEndpoint(base+"/v1"))
	}
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: file.ProjectID}, options...)
	if err != nil {
		return nil, errors.New("fcm: the client cannot be made")
	}
	c := &Channel{}
	c.client, err = app.Messaging(ctx)
	return c, err
}

// authorised puts the account's token on requests. Where there is none for the
// account, the answer is that it is not allowed: the client does not ask again.
type authorised struct {
	tokens oauth2.TokenSource
	base   http.RoundTripper
}

func (a authorised) RoundTrip(req *http.Request) (*http.Response, error) {
	token, err := a.tokens.Token()
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < 500 {
		return &http.Response{StatusCode: http.StatusUnauthorized, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
	}
	if err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	token.SetAuthHeader(req)
	return a.base.RoundTrip(req)
}

// Send hands a message to the service. Getting a token knows no ctx: it is not waited for.
func (c *Channel) Send(ctx context.Context, m delivery.Message) delivery.Outcome {
	ctx, cancel := context.WithTimeout(ctx, tryMost)
	said := make(chan error, 1)
	go func() {
		defer cancel()
		_, err := c.client.Send(ctx, message(m))
		said <- err
	}()
	select {
	case err := <-said:
		return c.outcome(m, err)
	case <-ctx.Done():
	}
	select { // it may have been both
	case err := <-said:
		return c.outcome(m, err)
	default:
		return push.Unanswered(ctx.Err())
	}
}

// message keeps to two collapse keys, of the four that a device may have: what
// is queued for a phone that is off is the latest. On the phone each thing
// takes the place of what was there of it, by its tag.
func message(m delivery.Message) *messaging.Message {
	ttl := min(max(m.TTL, 0), ttlMost)
	class, priority, apns := "notice", "normal", "5"
	aps := &messaging.Aps{ThreadID: m.Kind}
	if m.Urgent {
		class, priority, apns, aps.Sound = "urgent", "high", "10", "default"
	}
	return &messaging.Message{
		Token: m.Address, Data: push.Link(m),
		Notification: &messaging.Notification{Title: push.Cut(m.Title, push.TitleMost), Body: push.Cut(m.Text, push.TextMost)},
		Android:      &messaging.AndroidConfig{CollapseKey: class, Priority: priority, TTL: &ttl, Notification: &messaging.AndroidNotification{Tag: m.ID, ChannelID: class}},
		APNS: &messaging.APNSConfig{Payload: &messaging.APNSPayload{Aps: aps}, Headers: map[string]string{
			"apns-collapse-id": push.Cut(m.ID, 64), "apns-priority": apns, "apns-expiration": strconv.FormatInt(m.At.Add(ttl).Unix(), 10),
		}},
	}
}

// outcome is what an answer of the service comes to.
func (c *Channel) outcome(m delivery.Message, err error) delivery.Outcome {
	if err == nil {
		c.refusals.Known()
		return delivery.Outcome{State: delivery.Taken}
	}
	answer, asked := outgoing.Answer{}, time.Duration(0)
	if resp := errorutils.HTTPResponse(err); resp != nil {
		answer = outgoing.Answer{Status: resp.StatusCode, Header: resp.Header}
		asked = answer.RetryAfter(time.Now())
	}
	switch {
	case messaging.IsUnregistered(err):
		c.refusals.Known() // the project is the right one
		return delivery.Outcome{State: delivery.Gone, Code: "UNREGISTERED"}
	case messaging.IsSenderIDMismatch(err):
		return c.refusals.Refused(m.Address, "SENDER_ID_MISMATCH")
	case messaging.IsThirdPartyAuthError(err):
		return delivery.Outcome{State: delivery.Broken, Code: "THIRD_PARTY_AUTH_ERROR"} // the key of APNs
	case messaging.IsQuotaExceeded(err):
		return delivery.Outcome{State: delivery.Later, After: asked, Code: "QUOTA_EXCEEDED"}
	case messaging.IsInternal(err), messaging.IsUnavailable(err):
		return delivery.Outcome{State: delivery.Later, After: asked, Code: push.Status(answer.Status)}
	case messaging.IsInvalidArgument(err), answer.Status == http.StatusBadRequest:
		return delivery.Outcome{State: delivery.Never, Code: "INVALID_ARGUMENT"}
	case answer.Status == http.StatusTooManyRequests, answer.Status >= 500:
		return delivery.Outcome{State: delivery.Later, After: asked, Code: push.Status(answer.Status)}
	case answer.Status >= 300: // another service answers there, or none that knows the project
		return delivery.Outcome{State: delivery.Broken, Code: push.Status(answer.Status)}
	}
	return push.Unanswered(err)
}
