package controls

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The numbers are those of the frameworks' own lists.
func TestCount(t *testing.T) {
	for framework, services := range map[string]map[string]int{
		FSBP: {
			"Account": 1, "AutoScaling": 6, "Backup": 1, "CloudTrail": 4, "Config": 1, "EC2": 33, "ELB": 17, "GuardDuty": 5,
			"IAM": 9, "Inspector": 1, "KMS": 4, "Macie": 1, "RDS": 40, "S3": 12, "SSM": 6,
		},
		CIS: {"IAM": 26, "S3": 4, "RDS": 4, "EFS": 1, "Logging": 10, "Monitoring": 16, "EC2": 2, "Networking": 7},
		Prowler: {
			"ec2": 78, "s3": 22, "rds": 35, "iam": 48, "ssm": 3, "elbv2": 13, "elb": 9, "kms": 11, "vpc": 11, "autoscaling": 8,
			"account": 4, "cloudtrail": 15, "acm": 3, "config": 3, "guardduty": 10, "inspector2": 2, "securityhub": 2,
			"ssmincidents": 1, "accessanalyzer": 2, "trustedadvisor": 2, "backup": 5, "cloudfront": 14, "macie": 2,
			"organizations": 5, "networkfirewall": 7, "ecr": 7, "secretsmanager": 5, "efs": 7, "awslambda": 13, "cloudwatch": 22,
		},
	} {
		total := 0
		for service, want := range services {
			if got := Count(framework, service); got != want {
				t.Errorf("%s %s: got %d, want %d", framework, service, got, want)
			}
			total += want
		}
		if got := Count(framework); got != total {
			t.Errorf("%s: got %d, want %d", framework, got, total)
		}
	}
	if got := Count(FSBP, "ec2", "S3"); got != 45 {
		t.Errorf("FSBP EC2 and S3: %d", got)
	}
	if got := Count(CIS); got != 70 {
		t.Errorf("CIS: %d", got)
	}
	if Count("other") != 0 || Count(FSBP, "other") != 0 {
		t.Error("what is not known counts nothing")
	}
}

func TestCISLevels(t *testing.T) {
	notes := map[string]int{}
	for _, c := range List(CIS) {
		_, kind, _ := strings.Cut(c.Note, ", ")
		notes[kind]++
	}
	if notes["manual"] != 36 || notes["automated"] != 34 {
		t.Errorf("%v", notes)
	}
}

func TestKnown(t *testing.T) {
	for _, c := range [][2]string{
		{FSBP, "EC2.8"},
		{FSBP, "S3.14"},
		{FSBP, "Autoscaling.5"},
		{CIS, "2.4"},
		{CIS, "6.3"},
		{Prowler, "s3_bucket_object_versioning"},
	} {
		if !Known(c[0], c[1]) || Title(c[0], c[1]) == "" {
			t.Errorf("%v is not known", c)
		}
	}
	for _, c := range [][2]string{{FSBP, "EC2.999"}, {FSBP, "ec2.8"}, {FSBP, ""}, {"CIS", "2.4"}, {CIS, "2"}, {"", ""}, {Prowler, "id"}, {FSBP, "id"}} {
		if Known(c[0], c[1]) || Title(c[0], c[1]) != "" {
			t.Errorf("%v is known", c)
		}
	}
	if got := Title(FSBP, "EC2.8"); got != "EC2 instances should use IMDSv2" {
		t.Error(got)
	}
}

func TestRetired(t *testing.T) {
	var got []string
	for _, c := range List(FSBP) {
		if c.Retired() {
			got = append(got, c.ID)
		}
	}
	want := strings.Fields(`CloudTrail.3 CloudTrail.6 CloudTrail.7 EC2.12 EC2.13 EC2.14 EC2.22 EC2.28 ELB.16
		IAM.9 IAM.10 IAM.11 IAM.12 IAM.13 IAM.14 IAM.15 IAM.16 IAM.17 IAM.18 IAM.19 IAM.20 IAM.22 IAM.26 IAM.27 IAM.28 KMS.4
		RDS.18 RDS.26 RDS.38 RDS.39 S3.7 S3.10 S3.11 S3.14 S3.15 S3.17 S3.20`)
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestFiles(t *testing.T) {
	form := map[string]*regexp.Regexp{
		FSBP:    regexp.MustCompile(`^[A-Za-z0-9]+\.[0-9]+$`),
		CIS:     regexp.MustCompile(`^[2-6](\.[0-9]+){1,2}$`),
		Prowler: regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)+$`),
	}
	severities := []string{"", "low", "medium", "high", "critical", "informational"}
	for _, framework := range Frameworks() {
		list := List(framework)
		if len(list) == 0 {
			t.Errorf("%s is empty", framework)
		}
		for _, c := range list {
			if !form[framework].MatchString(c.ID) || !slices.Contains(severities, c.Severity) || c.Title != strings.TrimSpace(c.Title) {
				t.Errorf("%s: %+v", framework, c)
			}
			switch framework {
			case FSBP:
				if service, _, _ := strings.Cut(c.ID, "."); !strings.EqualFold(service, c.Service) {
					t.Errorf("%s is of service %s", c.ID, c.Service)
				}
			case Prowler:
				if !strings.HasPrefix(c.ID, c.Service+"_") || c.Severity == "" {
					t.Errorf("%s is of service %s", c.ID, c.Service)
				}
			}
		}
		list[0].ID = "changed"
		if List(framework)[0].ID == "changed" {
			t.Error("List gives its own list away")
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, text := range []string{
		"", "a\tb", header + "\na\tb", header + "\n\t\t\t\t", header + "\na\tlow\t-\tEC2\t-", header + "\n\n",
		header + "\na\tlow\tt\tEC2\t-\na\tlow\tt\tEC2\t-",
	} {
		if list, err := parse(text); err == nil {
			t.Errorf("%q: %v", text, list)
		}
	}
}
