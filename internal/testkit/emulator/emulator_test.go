package emulator

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestCheckRefuses(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"status":"ok"}`))
	}))
	defer other.Close()
	for _, endpoint := range []string{
		"", "https://ec2.us-east-1.amazonaws.com", "http://10.0.0.1:4566", "http://192.0.2.1", "http://example.com:4566",
		"http://127.0.0.1.example.com:4566", "ftp://127.0.0.1", "http://127.0.0.1:1", other.URL,
	} {
		if err := Check(t.Context(), endpoint); err == nil {
			t.Errorf("%q is accepted", endpoint)
		}
	}
	localstack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"services":{"s3":"running"}}`))
	}))
	defer localstack.Close()
	if err := Check(t.Context(), localstack.URL); err != nil {
		t.Error(err)
	}
}
