package result_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/history"
	"github.com/ourshare/ourshare/internal/result"
)

// FuzzLoad holds that whatever is read is a result or an error in a sentence; that a result is written again as it was
// read; and that any two results can be compared, with the counts adding up.
func FuzzLoad(f *testing.F) {
	var whole bytes.Buffer
	if err := sample().WriteJSON(&whole); err != nil {
		f.Fatal(err)
	}
	text := whole.String()
	f.Add([]byte(text))
	f.Add([]byte(text[:len(text)/2]))
	f.Add([]byte(strings.ReplaceAll(text, `"status": "unknown"`, `"status": "fail"`)))
	f.Add([]byte(strings.ReplaceAll(text, `"fp-d"`, `"fp-b"`)))
	f.Add([]byte(`{"schema_version":"1.0","tool":{"name":"ourshare"},"scan":{},"checks":{"a":{}},"evaluations":null,"findings":[]}`))
	f.Add([]byte(`{"schema_version":"1.0","tool":{"name":"ourshare"},"scan":{},"checks":{"a":{}},"evaluations":[],"unobserved":[{"check_id":"b"}],` +
		`"comparison":{},"findings":[{"fingerprint":"x","check_id":"a","status":"fail","resource":{},"evidence":null,"history":{}}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := result.Load(bytes.NewReader(in))
		_, head := result.FinishedAt(bytes.NewReader(in))
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a sentence")
			}
			return
		}
		if head != nil {
			t.Errorf("it is a result, but its head cannot be read: %v", head)
		}
		var once, twice bytes.Buffer
		if err := r.WriteJSON(&once); err != nil {
			t.Fatal(err)
		}
		back, err := result.Load(bytes.NewReader(once.Bytes()))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if err := back.WriteJSON(&twice); err != nil {
			t.Fatal(err)
		}
		if once.String() != twice.String() {
			t.Error("written again it differs")
		}
		other := sample()
		for _, pair := range [][2]*result.Result{{r, other}, {other, r}, {r, back}, {nil, r}} {
			c := history.Compare(pair[0], pair[1])
			total := 0
			for _, n := range c.Counts {
				total += n
			}
			if total != len(c.Changes) {
				t.Errorf("the counts add up to %d of %d changes", total, len(c.Changes))
			}
		}
		history.Open(other).Annotate(r)
		var annotated bytes.Buffer
		if err := r.WriteJSON(&annotated); err != nil {
			t.Fatal(err)
		}
		if _, err := result.Load(&annotated); err != nil {
			t.Errorf("with a comparison it cannot be read: %v", err)
		}
	})
}

func TestFinishedAt(t *testing.T) {
	var whole bytes.Buffer
	if err := sample().WriteJSON(&whole); err != nil {
		t.Fatal(err)
	}
	text := whole.String()
	at, err := result.FinishedAt(strings.NewReader(text))
	if err != nil || !at.Equal(sample().Scan.FinishedAt) {
		t.Errorf("%v, %v", at, err)
	}
	head, _, _ := strings.Cut(text, `"summary"`)
	if at, err := result.FinishedAt(strings.NewReader(head)); err != nil || !at.Equal(sample().Scan.FinishedAt) {
		t.Errorf("it reads on: %v, %v", at, err)
	}
	for input, want := range map[string]string{
		`{"schema_version": "1.0", "findings": []}`: "other",
		`[]`:                  "other",
		`"x"`:                 "other",
		`{}`:                  "other",
		`{"a": 1, "tool": 7}`: "other",
		strings.Replace(text, `"name": "ourshare"`, `"name": "x"`, 1): "other",
		strings.Replace(text, `"1.0"`, `"2.0"`, 1):                    `schema version "2.0": this version of ourshare reads 1.x`,
		text[:100]: "it ends in the middle",
		"":         "it ends in the middle",
		"{]":       "it is no result of ourshare: ",
	} {
		_, err := result.FinishedAt(strings.NewReader(input))
		if err == nil || errors.Is(err, result.ErrOther) != (want == "other") || want != "other" && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60q…: %v, want %s", input, err, want)
		}
		var version *result.VersionError
		if errors.As(err, &version) != strings.HasPrefix(want, "schema version") {
			t.Errorf("%.60q…: %v is not told from others", input, err)
		}
	}
}
