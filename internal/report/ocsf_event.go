package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/responsibility"
	"github.com/ourshare/ourshare/internal/result"
)

// ocsfEvent is a Compliance Finding as schema.ocsf.io/1.6.0/classes/compliance_finding?profiles=cloud has it, with the
// attributes that ourshare knows something for. Times are milliseconds since 1970, as its timestamp_t asks.
type ocsfEvent struct {
	ActivityID     int                   `json:"activity_id"`
	ActivityName   string                `json:"activity_name"`
	CategoryName   string                `json:"category_name"`
	CategoryUID    int                   `json:"category_uid"`
	ClassName      string                `json:"class_name"`
	ClassUID       int                   `json:"class_uid"`
	Cloud          ocsfCloud             `json:"cloud"`
	Compliance     ocsfComplianceObject  `json:"compliance"`
	Evidences      []ocsfEvidences       `json:"evidences,omitempty"`
	FindingInfo    ocsfFindingInfo       `json:"finding_info"`
	Message        string                `json:"message"`
	Metadata       ocsfMetadata          `json:"metadata"`
	Remediation    *ocsfRemediation      `json:"remediation,omitempty"`
	Resources      []ocsfResourceDetails `json:"resources"`
	Severity       string                `json:"severity"`
	SeverityID     int                   `json:"severity_id"`
	Status         string                `json:"status"`
	StatusID       int                   `json:"status_id"`
	StatusDetail   string                `json:"status_detail,omitempty"`
	Time           int64                 `json:"time"`
	TimezoneOffset int                   `json:"timezone_offset"`
	TypeName       string                `json:"type_name"`
	TypeUID        int                   `json:"type_uid"`
	Unmapped       ocsfUnmapped          `json:"unmapped"`
}

type ocsfCloud struct {
	Account        *ocsfCloudAccount `json:"account,omitempty"`
	CloudPartition string            `json:"cloud_partition,omitempty"`
	Provider       string            `json:"provider"`
	Region         string            `json:"region,omitempty"`
}

type ocsfCloudAccount struct {
	Name   string `json:"name,omitempty"`
	Type   string `json:"type"`
	TypeID int    `json:"type_id"`
	UID    string `json:"uid"`
}

type ocsfComplianceObject struct {
	Category          string            `json:"category,omitempty"`
	Checks            []ocsfCheckObject `json:"checks"`
	Control           string            `json:"control"`
	ControlParameters []ocsfKeyValue    `json:"control_parameters,omitempty"`
	Desc              string            `json:"desc,omitempty"`
	Requirements      []string          `json:"requirements,omitempty"`
	Standards         []string          `json:"standards,omitempty"`
	Status            string            `json:"status"`
	StatusCode        string            `json:"status_code"`
	StatusDetails     []string          `json:"status_details,omitempty"`
	StatusID          int               `json:"status_id"`
}

type ocsfCheckObject struct {
	Desc       string   `json:"desc,omitempty"`
	Name       string   `json:"name"`
	Severity   string   `json:"severity"`
	SeverityID int      `json:"severity_id"`
	Standards  []string `json:"standards,omitempty"`
	Status     string   `json:"status"`
	StatusID   int      `json:"status_id"`
	UID        string   `json:"uid"`
	Version    string   `json:"version,omitempty"`
}

type ocsfKeyValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type ocsfEvidences struct {
	Data finding.Evidence `json:"data"`
}

type ocsfFindingInfo struct {
	Analytic      ocsfAnalytic `json:"analytic"`
	CreatedTime   int64        `json:"created_time"`
	Desc          string       `json:"desc,omitempty"`
	FirstSeenTime int64        `json:"first_seen_time,omitempty"`
	LastSeenTime  int64        `json:"last_seen_time,omitempty"`
	Title         string       `json:"title"`
	UID           string       `json:"uid"`
}

type ocsfAnalytic struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	TypeID  int    `json:"type_id"`
	UID     string `json:"uid"`
	Version string `json:"version,omitempty"`
}

type ocsfMetadata struct {
	CorrelationUID string      `json:"correlation_uid"`
	EventCode      string      `json:"event_code"`
	OriginalTime   string      `json:"original_time"`
	Product        ocsfProduct `json:"product"`
	Profiles       []string    `json:"profiles"`
	UID            string      `json:"uid"`
	Version        string      `json:"version"`
}

type ocsfProduct struct {
	Name       string `json:"name"`
	UID        string `json:"uid"`
	VendorName string `json:"vendor_name"`
	Version    string `json:"version"`
}

type ocsfRemediation struct {
	Desc       string   `json:"desc"`
	References []string `json:"references,omitempty"`
}

type ocsfResourceDetails struct {
	CloudPartition string         `json:"cloud_partition,omitempty"`
	Name           string         `json:"name,omitempty"`
	Region         string         `json:"region,omitempty"`
	Role           string         `json:"role"`
	RoleID         int            `json:"role_id"`
	Tags           []ocsfKeyValue `json:"tags,omitempty"`
	Type           string         `json:"type"`
	UID            string         `json:"uid"`
	UIDAlt         string         `json:"uid_alt,omitempty"`
}

// ocsfUnmapped holds what the schema has no attribute for.
type ocsfUnmapped struct {
	Kind           string                  `json:"kind"`
	CheckID        string                  `json:"check_id"`
	Status         string                  `json:"status,omitempty"` // the verdict, in ourshare's word
	Category       responsibility.Category `json:"category,omitempty"`
	Layer          responsibility.Layer    `json:"layer,omitempty"`
	Share          responsibility.Share    `json:"share,omitempty"`
	Service        string                  `json:"service,omitempty"`
	ResourceID     string                  `json:"resource_id,omitempty"`
	ResourceKey    string                  `json:"resource_key,omitempty"`
	TagsRead       *bool                   `json:"tags_read,omitempty"`
	Reason         *finding.Reason         `json:"reason,omitempty"`
	Owner          string                  `json:"owner,omitempty"`
	Suppression    *finding.Suppression    `json:"suppression,omitempty"`
	Attestation    *finding.Attestation    `json:"attestation,omitempty"`
	History        *finding.History        `json:"history,omitempty"`
	Change         result.Kind             `json:"change,omitempty"`
	Last           *lastVerdict            `json:"last,omitempty"`
	Before         *result.Verdict         `json:"before,omitempty"`
	Gap            *notSeen                `json:"gap,omitempty"`
	RemediationCLI string                  `json:"remediation_cli,omitempty"`
	References     []finding.Reference     `json:"references,omitempty"`
	Scan           scanHead                `json:"scan"`
}

// ocsfStatus is a value of status_id (of the finding, "set by the consumer") with its caption.
type ocsfStatus struct {
	id      int
	caption string
}

var (
	statusNew        = ocsfStatus{1, "New"}
	statusInProgress = ocsfStatus{2, "In Progress"}
	statusSuppressed = ocsfStatus{3, "Suppressed"}
	statusResolved   = ocsfStatus{4, "Resolved"}
)

func (e *ocsfEvent) state(s ocsfStatus) { e.StatusID, e.Status = s.id, s.caption }

// ocsfActivityKind is a value of activity_id with its caption.
type ocsfActivityKind struct {
	id      int
	caption string
}

var (
	activityCreate = ocsfActivityKind{1, "Create"}
	activityUpdate = ocsfActivityKind{2, "Update"}
	activityClose  = ocsfActivityKind{3, "Close"}
)

func (e *ocsfEvent) activity(a ocsfActivityKind) {
	e.ActivityID, e.ActivityName = a.id, a.caption
	e.TypeUID, e.TypeName = e.ClassUID*100+a.id, e.ClassName+": "+a.caption
}

// ocsfCompliance is a value of compliance.status_id with its caption; of 99, Other, the caption is the source's own.
type ocsfCompliance struct {
	id      int
	caption string
}

// complianceOf maps a verdict. An unknown is 0, Unknown: 2, Warning ("did not yield a result due to missing information"), would fit
// the half of them whose evidence is missing, and reads like a verdict. What does not apply, and what only people can
// answer, is Other: neither passed nor failed.
func complianceOf(s finding.Status) ocsfCompliance {
	switch s {
	case finding.Pass:
		return ocsfCompliance{1, "Pass"}
	case finding.Fail:
		return ocsfCompliance{3, "Fail"}
	case finding.NotApplicable:
		return ocsfCompliance{99, "Not Applicable"}
	case finding.Manual:
		return ocsfCompliance{99, "Manual"}
	default:
		return ocsfCompliance{0, "Unknown"}
	}
}

func (c *ocsfComplianceObject) set(s ocsfCompliance, word string) {
	c.StatusID, c.Status, c.StatusCode = s.id, s.caption, word
	c.Checks[0].StatusID, c.Checks[0].Status = s.id, s.caption
}

func ocsfSeverity(s finding.Severity) (string, int) {
	switch s {
	case finding.Critical:
		return "Critical", 5
	case finding.High:
		return "High", 4
	case finding.Medium:
		return "Medium", 3
	case finding.Low:
		return "Low", 2
	case finding.Info:
		return "Informational", 1
	default:
		return "Unknown", 0
	}
}

// complianceFor is what a check says. Checks of other programs are no standards: they stay in unmapped.references.
func complianceFor(rule *finding.Rule) ocsfComplianceObject {
	var standards, requirements []string
	for _, ref := range rule.References {
		if ref.Framework == "Prowler" {
			continue
		}
		requirements = append(requirements, ref.Framework+" "+ref.ID)
		if !slices.Contains(standards, standardName(ref.Framework)) {
			standards = append(standards, standardName(ref.Framework))
		}
	}
	severity, id := ocsfSeverity(rule.Severity)
	c := ocsfComplianceObject{
		Category: string(rule.Layer), Control: rule.ID, Desc: rule.Title, Standards: standards, Requirements: requirements,
		Checks: []ocsfCheckObject{{
			UID: rule.ID, Name: rule.Title, Desc: rule.Risk, Severity: severity, SeverityID: id, Standards: standards,
			Version: itoa(rule.Revision),
		}},
	}
	for _, name := range slices.Sorted(maps.Keys(rule.Parameters)) {
		c.ControlParameters = append(c.ControlParameters, ocsfKeyValue{name, fmt.Sprint(rule.Parameters[name])})
	}
	return c
}

func standardName(framework string) string {
	switch framework {
	case "FSBP":
		return "AWS Foundational Security Best Practices"
	case "CIS 7.0":
		return "CIS AWS Foundations Benchmark v7.0.0"
	}
	return framework
}

func resourceOf(r result.Resource, partition, region string) ocsfResourceDetails {
	d := ocsfResourceDetails{
		UID: r.ARN, UIDAlt: r.ID, Name: r.Name, Type: r.Type, Region: region, CloudPartition: partition, Role: "Target", RoleID: 1,
	}
	if d.UID == "" {
		d.UID = r.ID
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		d.Tags = append(d.Tags, ocsfKeyValue{key, r.Tags[key]})
	}
	return d
}

// itoa is a revision as text; empty where there is none.
func itoa(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
