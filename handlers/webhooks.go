package handlers

import (
	"crypto/rand"
	"time"

	"wangge/domain/ids"
	"wangge/domain/webhook"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// webhookOut is a receiver; its secret only in the answer that makes it.
type webhookOut struct {
	ID        string           `json:"id"`
	Title     string           `json:"title"`
	Account   string           `json:"account"`
	System    *string          `json:"system"`
	URL       string           `json:"url"`
	Events    []string         `json:"events"`
	State     webhook.State    `json:"state"`
	Because   *webhook.Why     `json:"because"` // it is disabled
	Secret    *string          `json:"secret"`
	Secrets   []secretOut      `json:"secrets"`
	Health    webhookHealthOut `json:"health"`
	CreatedAt wire.Time        `json:"createdAt"`
	UpdatedAt wire.Time        `json:"updatedAt"`
	Version   int64            `json:"version"`
}

type secretOut struct {
	ID        string     `json:"id"`
	CreatedAt wire.Time  `json:"createdAt"`
	Until     *wire.Time `json:"until"`
	Good      bool       `json:"good"` // messages are signed with it
}

type webhookHealthOut struct {
	Waiting int64      `json:"waiting"`
	Dead    int64      `json:"dead"`
	Skipped int64      `json:"skipped"` // of the last days
	Oldest  *wire.Time `json:"oldest"`  // when what waits for longest was put in line
	Behind  behindOut  `json:"behind"`
	Circuit circuitOut `json:"circuit"`
}

// behindOut is how far what is put in line is behind the journals.
type behindOut struct {
	Entries int64      `json:"entries"`
	Oldest  *wire.Time `json:"oldest"`
}

type circuitOut struct {
	Open     bool       `json:"open"`
	Failures int        `json:"failures"` // in a row
	Until    *wire.Time `json:"until"`    // nothing is tried before
}

type webhookIn struct {
	ID      string               `json:"id"`
	Title   string               `json:"title" need:"true"`
	Account string               `json:"account" need:"true"`
	System  web.Nullable[string] `json:"system"`
	URL     string               `json:"url" need:"true"`
	Events  []string             `json:"events" need:"true"`
	Paused  bool                 `json:"paused"`
}

type webhookPatch struct {
	Title  *string        `json:"title"`
	URL    *string        `json:"url"`
	Events *[]string      `json:"events"`
	State  *webhook.State `json:"state"`
}

type rotateIn struct {
	ID    string                  `json:"id"`
	Until web.Nullable[time.Time] `json:"until"`
}

// newSecretOut is a secret that was made just now.
type newSecretOut struct {
	secretOut
	Secret *string `json:"secret"`
}

func (r *apiRequest) webhookOut(t *webhook.Target, behind webhook.Lag) (webhookOut, error) {
	h, err := r.Deliveries.Health(r.Ctx, t)
	return webhookOut{
		ID: t.ID, Title: t.Title, Account: t.Account, System: optional(t.System), URL: t.URL, Events: texts(t.Events), State: t.State, Because: optional(t.Why),
		Secrets: each(t.Secrets, func(s webhook.Secret) secretOut { return secretTo(s, r.Now) }),
		Health: webhookHealthOut{h.Waiting, h.Dead, h.Skipped, (*wire.Time)(optional(h.Oldest)), behindOut{behind.Entries, (*wire.Time)(optional(behind.Oldest))},
			circuitOut{h.Circuit.Open(), h.Circuit.Failures, (*wire.Time)(optional(h.Circuit.OpenUntil))}},
		CreatedAt: wire.Time(t.CreatedAt), UpdatedAt: wire.Time(t.UpdatedAt), Version: t.Version,
	}, err
}

// oneWebhook is a receiver by itself.
func (r *apiRequest) oneWebhook(t *webhook.Target) (webhookOut, error) {
	behind, err := r.Deliveries.Behind(r.Ctx)
	if err != nil {
		return webhookOut{}, err
	}
	return r.webhookOut(t, behind)
}

func secretTo(s webhook.Secret, now time.Time) secretOut {
	return secretOut{s.ID, wire.Time(s.CreatedAt), (*wire.Time)(optional(s.Until)), s.Good(now)}
}

func listWebhooks(r *apiRequest) (*web.Reply, error) {
	limit, cursor, err := r.Page()
	if err != nil {
		return nil, err
	}
	found, next, err := r.Webhooks.List(r.Ctx, r.Actor, limit, cursor)
	if err != nil {
		return nil, err
	}
	behind, err := r.Deliveries.Behind(r.Ctx)
	if err != nil {
		return nil, err
	}
	items := make([]webhookOut, len(found))
	for i, t := range found {
		if items[i], err = r.webhookOut(t, behind); err != nil {
			return nil, err
		}
	}
	return web.Listed(items, next), nil
}

func createWebhook(r *apiRequest) (*web.Reply, error) {
	var in webhookIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	made := webhook.NewTarget{Title: in.Title, Account: in.Account, System: given(in.System.Value), URL: in.URL, Events: in.Events, Paused: in.Paused,
		Secret: webhook.NewSecret{ID: ids.New(), Clear: webhook.MakeSecret(rand.Reader)}}
	made.ID = ids.Given(in.ID, "/id", &made.Wrong)
	t, err := r.Webhooks.Create(r.Ctx, r.Actor, r.Now, made)
	if err != nil {
		return nil, err
	}
	out, err := r.webhookMade(t)
	if err == nil {
		out.Status = 201
	}
	return out, err
}

// webhookMade answers with a receiver and, for a while after it was made, its first secret.
func (r *apiRequest) webhookMade(t *webhook.Target) (*web.Reply, error) {
	out, err := r.oneWebhook(t)
	if err != nil {
		return nil, err
	}
	clear, err := r.Webhooks.Shown(t, t.Secrets[0].ID, r.Now)
	if err != nil {
		return nil, err
	}
	out.Secret = optional(clear)
	answer := web.Versioned(out, t.Version)
	answer.Made = web.Resource{Kind: "webhook", ID: t.ID}
	return answer, nil
}

func webhookMadeByID(r *apiRequest, id string) (*web.Reply, error) {
	t, err := r.Webhooks.Get(r.Ctx, r.Actor, id)
	if err != nil {
		return nil, err
	}
	return r.webhookMade(t)
}

func getWebhook(r *apiRequest) (*web.Reply, error) {
	t, err := r.Webhooks.Get(r.Ctx, r.Actor, r.Param("id"))
	if err != nil {
		return nil, err
	}
	return r.webhookAnswer(t)
}

func (r *apiRequest) webhookAnswer(t *webhook.Target) (*web.Reply, error) {
	out, err := r.oneWebhook(t)
	if err != nil {
		return nil, err
	}
	return web.Versioned(out, t.Version), nil
}

func patchWebhook(r *apiRequest) (*web.Reply, error) {
	var in webhookPatch
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	change := webhook.Change{Title: in.Title, URL: in.URL, State: in.State}
	if in.Events != nil {
		change.Events = texts(*in.Events)
	}
	t, err := r.Webhooks.Update(r.Ctx, r.Actor, r.Now, r.Param("id"), version, change)
	if err != nil {
		return nil, err
	}
	return r.webhookAnswer(t)
}

func deleteWebhook(r *apiRequest) (*web.Reply, error) {
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	if err := r.Webhooks.Delete(r.Ctx, r.Actor, r.Now, r.Param("id"), version); err != nil {
		return nil, err
	}
	return web.Empty(), nil
}

func rotateWebhook(r *apiRequest) (*web.Reply, error) {
	var in rotateIn
	if err := r.Decode(&in); err != nil {
		return nil, err
	}
	version, err := r.IfMatch(true)
	if err != nil {
		return nil, err
	}
	id, err := chosen(in.ID)
	if err != nil {
		return nil, err
	}
	r.About(id)
	if _, err := r.Webhooks.Rotate(r.Ctx, r.Actor, r.Now, r.Param("id"), version, webhook.NewSecret{ID: id, Clear: webhook.MakeSecret(rand.Reader)}, given(in.Until.Value)); err != nil {
		return nil, err
	}
	out, err := secretByID(r, id)
	if err == nil {
		out.Status = 201
	}
	return out, err
}

// secretByID answers with a secret of the receiver that the request's address names.
func secretByID(r *apiRequest, id string) (*web.Reply, error) {
	t, err := r.Webhooks.Get(r.Ctx, r.Actor, r.Param("id"))
	if err != nil {
		return nil, err
	}
	s, err := t.Secret(id)
	if err != nil {
		return nil, err
	}
	clear, err := r.Webhooks.Shown(t, id, r.Now)
	if err != nil {
		return nil, err
	}
	answer := web.OK(newSecretOut{secretTo(s, r.Now), optional(clear)})
	answer.Made = web.Resource{Kind: "webhook-secret", ID: id}
	return answer, nil
}

func endWebhookSecret(r *apiRequest) (*web.Reply, error) {
	if _, err := r.Webhooks.EndSecret(r.Ctx, r.Actor, r.Now, r.Param("id"), r.Param("secret")); err != nil {
		return nil, err
	}
	return web.Empty(), nil
}
