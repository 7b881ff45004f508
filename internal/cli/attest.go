package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/exceptions"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/report"
	"github.com/ourshare/ourshare/internal/result"
)

func newAttest(io streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "attest", Short: "List what people have to answer",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneOf("command", args[0], []string{"list"})
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAttestList(io))
	return cmd
}

func newAttestList(io streams) *cobra.Command {
	exceptionsPath, format := "", "table"
	cmd := &cobra.Command{
		Use: "list [FILE]", Short: "Print what is still to be attested, with the question to ask", Args: atMostOneFile,
		Long: "Prints the manual findings of the saved JSON result FILE that no attestation in force answers: by the exceptions file,\n" +
			"measured against the end of the scan; - reads it from standard input. Without FILE it prints the questions of the catalogue.",
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("format", format, []string{"table", "json"}); err != nil {
				return err
			}
			if len(args) == 0 && exceptionsPath != "" {
				return usagef("--exceptions needs FILE, a JSON result: what is attested depends on what was found, and when")
			}
			l := openQuestions{Unanswered: []unanswered{}}
			if len(args) == 0 {
				l.catalogue()
			} else if err := l.result(io, args[0], exceptionsPath); err != nil {
				return err
			}
			return l.write(io.out, format)
		},
	}
	exceptionsFlag(cmd, &exceptionsPath)
	cmd.Flags().StringVar(&format, "format", format, "table or json")
	return cmd
}

// openQuestions is what `attest list --format json` prints.
type openQuestions struct {
	AsOf       *time.Time   `json:"as_of"` // the end of the scan; null: the questions of the catalogue
	Unanswered []unanswered `json:"unanswered"`
	Attested   int          `json:"attested"` // manual findings that an attestation in force answers
	Unknown    int          `json:"unknown"`  // findings of these controls of which it is not known whether the question arises
}

// unanswered is one question; of the catalogue's, place and resource are empty.
type unanswered struct {
	CheckID     string           `json:"check_id"`
	Title       string           `json:"title"`
	Question    string           `json:"question"`
	AccountID   string           `json:"account_id,omitempty"`
	Region      string           `json:"region,omitempty"`
	Resource    *result.Resource `json:"resource,omitempty"`
	Fingerprint string           `json:"fingerprint,omitempty"`
}

func (l *openQuestions) catalogue() {
	for _, c := range catalog.All() {
		if c.Question != "" {
			l.Unanswered = append(l.Unanswered, unanswered{CheckID: c.ID, Title: c.Title, Question: c.Question})
		}
	}
}

// result takes the manual findings of a saved result. The exceptions file, where there is one, says alone what is attested;
// else what the result says itself.
func (l *openQuestions) result(io streams, path, exceptionsPath string) error {
	r, err := savedResult(io, path)
	if err != nil {
		return usagef("%s: %s", path, err)
	}
	f, err := loadExceptions(exceptionsPath)
	if err != nil {
		return err
	}
	if f != nil {
		attestAgain(r, f)
	}
	l.AsOf = &r.Scan.FinishedAt
	for f := range r.All() {
		switch {
		case f.Status == finding.Unknown && f.Rule.Question != "":
			l.Unknown++
		case f.Status != finding.Manual:
		case f.Attested():
			l.Attested++
		default:
			resource := result.ResourceJSON(f.Resource)
			l.Unanswered = append(l.Unanswered, unanswered{
				f.Rule.ID, f.Rule.Title, cmp.Or(f.Rule.Question, f.Message), f.AccountID, f.Region, &resource, f.Fingerprint,
			})
		}
	}
	return r.Err()
}

func attestAgain(r *result.Result, f *exceptions.File) {
	for i := range r.Findings {
		if r.Findings[i].Attested() {
			r.Findings[i].Note.Attestation = nil
		}
	}
	f.Apply().To(r)
}

func (l *openQuestions) write(w io.Writer, format string) error {
	if format == "json" {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(l)
	}
	var b strings.Builder
	last := ""
	for _, u := range l.Unanswered {
		if u.CheckID != last {
			if last != "" {
				b.WriteByte('\n')
			}
			fmt.Fprintf(&b, "%s: %s\n  %s\n", report.Visible(u.CheckID), report.Visible(u.Title), report.Visible(u.Question))
			last = u.CheckID
		}
		if u.Resource != nil {
			fmt.Fprintf(&b, "    %s %s %s\n", u.AccountID, report.Visible(u.Region), report.Visible(cmp.Or(u.Resource.ARN, u.Resource.ID)))
		}
	}
	if last != "" {
		b.WriteByte('\n')
	}
	l.foot(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (l *openQuestions) foot(b *strings.Builder) {
	n := len(l.Unanswered)
	if l.AsOf == nil {
		fmt.Fprintf(b, "%d %s of the catalogue. Answers stand as attestations in %s.\n", n, plural(n, "question", "questions"), exceptions.DefaultFile)
		return
	}
	fmt.Fprintf(b, "%d to be attested, %d attested, as of %s.\n", n, l.Attested, l.AsOf.UTC().Format(time.DateOnly))
	if l.Unknown > 0 {
		fmt.Fprintf(b, "Of %d more it is not known whether the question arises: what it is about could not be listed.\n", l.Unknown)
	}
}
