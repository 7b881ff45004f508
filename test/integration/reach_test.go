package integration

import (
	"regexp"
	"strings"
	"testing"
)

// What the internet reaches of the demo account, by name, from its inventory and from the account itself.
func TestReach(t *testing.T) {
	file := demoInventory(t)
	for name, tt := range map[string]struct {
		args []string
		code int
		want []string // patterns, in this order
	}{
		"a network load balancer before a private instance": {
			[]string{"edge-nlb", "--port", "2222"},
			0,
			[]string{`^listener tcp 2222: reachable\n`, `  internet → igw-\S+ → rtb-\S+ \(0\.0\.0\.0/0\) → acl-\S+ rule 100 → edge-nlb:2222\n`, `  exposes: eni-\S+ \(i-\S+\):22\n$`},
		},
		"an application load balancer": {
			[]string{"edge-alb"}, 0, []string{`^edge-alb: reachable\nlistener tcp 443: reachable\n`, `Global Accelerator`, `exposes: eni-\S+ \(i-\S+\):22\n`, `exposes: eni-\S+ \(i-\S+\):3389\n`},
		},
		"a classic one":         {[]string{"edge-classic"}, 0, []string{`^edge-classic: reachable\n`, `exposes: eni-\S+ \(i-\S+\):8443\n`}},
		"an internal one":       {[]string{"edge-classic-inside"}, 0, []string{`^edge-classic-inside: not reachable\n`, `stopped: internet → edge-classic-inside is internal\n`}},
		"a port of no listener": {[]string{"edge-nlb", "--port", "22"}, 0, []string{`^port 22: not reachable: no listener has it\n`}},
		"a public database":     {[]string{"fair-db"}, 0, []string{`^tcp 5432: reachable\n  internet → igw-\S+ → rtb-\S+ .* → sg-\S+ \(tcp 5432 from 0\.0\.0\.0/0\) → fair-db:5432\n`}},
		"the same by ARN":       {[]string{"arn:aws:rds:us-east-1:" + demoAccount + ":db:fair-db"}, 0, []string{`^tcp 5432: reachable\n`}},
		"a private database":    {[]string{"payroll-db"}, 0, []string{`^tcp 1433: not reachable\n  stopped: `}},
		"no such":               {[]string{"nothing"}, 2, []string{`no such load balancer or DB instance in eu-west-1, us-east-1: nothing`}},
	} {
		t.Run(name, func(t *testing.T) {
			code, text := run(t, append([]string{"reach", "--inventory", file}, tt.args...)...)
			rest := text
			for _, pattern := range tt.want {
				at := regexp.MustCompile(pattern).FindStringIndex(rest)
				if at == nil {
					t.Errorf("no %s in\n%s", pattern, text)
					break
				}
				rest = rest[at[0]:]
			}
			if code != tt.code {
				t.Errorf("exit %d, want %d:\n%s", code, tt.code, text)
			}
			if name != "an application load balancer" && name != "a public database" && name != "no such" {
				return
			}
			if again, live := run(t, append([]string{"reach", "--region", "us-east-1", "--region", "eu-west-1"}, tt.args...)...); again != code || live != text {
				t.Errorf("the account answers otherwise than its inventory: exit %d:\n%s\n%s", again, text, live)
			}
		})
	}
}

// The private instance behind the network load balancer is reached through it, and named by it.
func TestReachThroughBalancer(t *testing.T) {
	file := demoInventory(t)
	_, text := run(t, "reach", "edge-nlb", "--port", "2222", "--inventory", file)
	found := regexp.MustCompile(`exposes: eni-\S+ \((i-\S+)\):22`).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("it exposes nothing:\n%s", text)
	}
	code, text := run(t, "reach", found[1], "--port", "22", "--inventory", file)
	if code != 0 || !strings.HasPrefix(text, "tcp 22: reachable\n") || !strings.Contains(text, "→ edge-nlb:2222 → ") {
		t.Errorf("exit %d:\n%s", code, text)
	}
}
