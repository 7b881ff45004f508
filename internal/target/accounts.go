package target

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// AccountLine is one account of an accounts file.
type AccountLine struct {
	ID   string
	Name string // may be empty
}

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	roleName  = regexp.MustCompile(`^([\x21-\x2e\x30-\x7e]+/)*[\w+=,.@-]{1,64}$`)
)

// ValidRoleName says whether a role can have this name, with a path before it or without
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, "IAM name requirements").
func ValidRoleName(name string) bool { return roleName.MatchString(name) && len(name) <= 512+64 }

// ParseAccounts reads an accounts file: one account of twelve digits per line and, behind a blank, a tab or a comma, its name.
// Empty lines and lines that begin with # say nothing. Errors name the line.
func ParseAccounts(in io.Reader) ([]AccountLine, error) {
	var list []AccountLine
	seen := map[string]int{}
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, name := line, ""
		if at := strings.IndexAny(line, " \t,"); at >= 0 {
			id, name = line[:at], strings.Trim(line[at:], " \t,")
		}
		switch {
		case !accountID.MatchString(id):
			return nil, fmt.Errorf("line %d: %q is no account of twelve digits", n, id)
		case !utf8.ValidString(name):
			return nil, fmt.Errorf("line %d: the name is no UTF-8", n)
		case seen[id] > 0:
			return nil, fmt.Errorf("line %d: the account %s stands in line %d already", n, id, seen[id])
		}
		seen[id] = n
		list = append(list, AccountLine{id, name})
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("it names no account")
	}
	return list, nil
}
