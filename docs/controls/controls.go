// Package controls holds the ids of other frameworks' controls, as data: what a check may cite. The .tsv files beside it are
// made to be read by people too.
package controls

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// The frameworks, as a check cites them.
const (
	FSBP    = "FSBP"
	CIS     = "CIS 7.0"
	Prowler = "Prowler"
)

// Control is one control of a framework.
type Control struct {
	// ID is the control's id, spelled as the framework does: "EC2.8", "2.4", "s3_bucket_object_versioning".
	ID string
	// Severity is low, medium, high, critical or informational; empty where the framework gives none, or it is not known.
	Severity string
	// Title is the framework's, at times shortened.
	Title string
	// Service is the framework's name for the service ("EC2" in FSBP, "ec2" in Prowler); for CIS the section where that is no
	// service ("Logging").
	Service string
	// Note is "retired" for a control that has left the framework and is still cited, "deprecated" for one that is about
	// to, "unconfirmed" for one not seen in the framework's own list; for CIS it tells level and kind.
	Note string
}

// Retired says whether the control is not, or no longer, in its framework.
func (c Control) Retired() bool { return c.Note == "retired" }

//go:embed fsbp.tsv cis-7.0.tsv prowler.tsv fsbp-cells.tsv
var files embed.FS

var names = map[string]string{FSBP: "fsbp.tsv", CIS: "cis-7.0.tsv", Prowler: "prowler.tsv"}

// framework is the content of one file.
type framework struct {
	controls []Control
	byID     map[string]Control
}

// load reads each file once, when it is first asked for. A broken file is a mistake in this repository and panics; the tests
// read all of them.
var load = sync.OnceValue(func() map[string]framework {
	all := make(map[string]framework, len(names))
	for name, file := range names {
		text, err := files.ReadFile(file)
		if err != nil {
			panic(err)
		}
		controls, err := parse(string(text))
		if err != nil {
			panic(fmt.Sprintf("%s: %v", file, err))
		}
		f := framework{controls, make(map[string]Control, len(controls))}
		for _, c := range controls {
			f.byID[c.ID] = c
		}
		all[name] = f
	}
	return all
})

// Frameworks lists the frameworks' names, sorted.
func Frameworks() []string { return []string{CIS, FSBP, Prowler} }

// Known says whether the framework has, or had, a control of this id. Of Prowler only the services listed in prowler.tsv are
// known.
func Known(framework, id string) bool {
	_, ok := Find(framework, id)
	return ok
}

// Title gives a control's title, or "" for one that is not known.
func Title(framework, id string) string {
	c, _ := Find(framework, id)
	return c.Title
}

// Find gives one control.
func Find(framework, id string) (Control, bool) {
	c, ok := load()[framework].byID[id]
	return c, ok
}

// List gives a framework's controls, the retired ones too, in the order of the file. The caller may keep it.
func List(framework string) []Control { return slices.Clone(load()[framework].controls) }

// Count is the number of controls that the framework has of these services, or of all if none is named; retired ones do not
// count. Services are compared without case.
func Count(framework string, services ...string) int {
	n := 0
	for _, c := range load()[framework].controls {
		named := slices.ContainsFunc(services, func(s string) bool { return strings.EqualFold(s, c.Service) })
		if !c.Retired() && (named || len(services) == 0) {
			n++
		}
	}
	return n
}

const header = "id\tseverity\ttitle\tservice\tnote"

// parse reads a file: comments, a header, and a line of five columns for each control; "-" is an empty column.
func parse(text string) ([]Control, error) {
	var controls []Control
	seen := map[string]bool{}
	started := false
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
			continue
		case !started:
			if line != header {
				return nil, fmt.Errorf("line %d: no header", n+1)
			}
			started = true
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) != 5 {
			return nil, fmt.Errorf("line %d: %d columns", n+1, len(columns))
		}
		for i, c := range columns {
			if c == "-" {
				columns[i] = ""
			}
		}
		c := Control{columns[0], columns[1], columns[2], columns[3], columns[4]}
		if c.ID == "" || c.Title == "" || c.Service == "" || seen[c.ID] {
			return nil, fmt.Errorf("line %d: %q is incomplete or there twice", n+1, c.ID)
		}
		seen[c.ID] = true
		controls = append(controls, c)
	}
	return controls, nil
}
