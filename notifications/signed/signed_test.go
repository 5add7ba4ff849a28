package signed

import (
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	vectorSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	otherSecret  = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
)

// The vector of the Standard Webhooks' libraries.
func TestSignatureVector(t *testing.T) {
	h, err := Header("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`), []string{vectorSecret})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "content-type": "application/json",
		"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// While secrets are changed a receiver may know the old or the new one, and nobody else is believed.
func TestEitherSecretVerifies(t *testing.T) {
	body := []byte(`{"type":"ping"}`)
	h, err := Header("msg_1", time.Now(), body, []string{vectorSecret, otherSecret})
	if err != nil {
		t.Fatal(err)
	}
	for secret, taken := range map[string]bool{vectorSecret: true, otherSecret: true, "whsec_" + strings.Repeat("Zm9y", 8): false} {
		receiver, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := receiver.Verify(body, h); (err == nil) != taken {
			t.Errorf("%s: %v", secret, err)
		}
		if receiver.Verify([]byte(`{"type":"pong"}`), h) == nil {
			t.Errorf("%s verifies another body", secret)
		}
	}
	if _, err := Header("msg_1", time.Now(), body, []string{"whsec_!"}); err == nil {
		t.Error("signed without a secret")
	}
}
