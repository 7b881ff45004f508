package finding

import (
	"encoding/json"
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

func TestFingerprint(t *testing.T) {
	base := func() *Resource {
		return &Resource{Type: "AWS::IAM::AccessKey", ID: "AKIA1", ARN: "arn:aws:iam::111122223333:user/x", Name: "x", Region: "global", Key: "AKIA1"}
	}
	of := func(change func(*Resource)) string {
		r := base()
		change(r)
		return Fingerprint("aws", "111122223333", "iam-access-key-rotated", r)
	}
	was := of(func(*Resource) {})
	if !regexp.MustCompile(`^[a-z2-7]{32}$`).MatchString(was) {
		t.Errorf("%q", was)
	}
	for name, change := range map[string]func(*Resource){
		"the name": func(r *Resource) { r.Name = "y" }, "the tags": func(r *Resource) { r.Tags = map[string]string{"a": "b"} },
	} {
		if of(change) != was {
			t.Errorf("%s changes the fingerprint", name)
		}
	}
	for name, change := range map[string]func(*Resource){
		"another key of the user": func(r *Resource) { r.Key = "AKIA2" }, "another ARN": func(r *Resource) { r.ARN += "y" },
		"another region, which the ARN lacks": func(r *Resource) { r.Region = "us-east-1" },
	} {
		if of(change) == was {
			t.Errorf("%s has the same fingerprint", name)
		}
	}
	// Where the ARN names the region, the row's own spelling of it does not count.
	r := &Resource{Type: "T", ARN: "arn:aws:ec2:us-east-1:111122223333:instance/i-1", Region: "us-east-1"}
	a := Fingerprint("aws", "111122223333", "c", r)
	r.Region = "elsewhere"
	if Fingerprint("aws", "111122223333", "c", r) != a {
		t.Error("the region counts twice")
	}
}

// Two findings that differ in anything that identifies them have different fingerprints.
func TestFingerprintsDiffer(t *testing.T) {
	part := rapid.StringN(0, 8, -1)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(l string) [6]string {
			var p [6]string
			for i := range p {
				p[i] = part.Draw(t, l)
			}
			return p
		}
		print := func(p [6]string) string {
			return Fingerprint(p[0], p[1], p[2], &Resource{Type: p[3], ARN: p[4], Key: p[5]})
		}
		a, b := draw("a"), draw("b")
		if (a == b) != (print(a) == print(b)) {
			t.Fatalf("%q and %q", a, b)
		}
	})
}

func TestEvidenceKeepsItsOrder(t *testing.T) {
	b, err := json.Marshal(Evidence{{"z", 1}, {"a", []string{"x"}}, {"<", true}})
	if err != nil || string(b) != `{"z":1,"a":["x"],"\u003c":true}` {
		t.Errorf("%s, %v", b, err)
	}
	if b, err = json.Marshal(Evidence(nil)); err != nil || string(b) != "{}" {
		t.Errorf("%s, %v", b, err)
	}
}
