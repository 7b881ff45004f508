package result

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// ErrOther is the error of a JSON file that is of another kind.
var ErrOther = errors.New("it is no result of ourshare")

// VersionError is the error of a result of another major version of the schema.
type VersionError struct{ Version string }

// Error names the version.
func (e *VersionError) Error() string {
	return fmt.Sprintf("schema version %q: this version of ourshare reads 1.x", e.Version)
}

// FinishedAt reads from a result's JSON form when its scan ended, and no further. [ErrOther] means that the file is of
// another kind, [VersionError] that it is a result of another major version, and any other error that it cannot be read as far
// as that: it is no JSON, or cut off.
func FinishedAt(in io.Reader) (time.Time, error) {
	dec := json.NewDecoder(bufio.NewReaderSize(in, 1<<16))
	var at time.Time
	switch t, err := dec.Token(); {
	case err != nil:
		return at, broken(err)
	case t != json.Delim('{'):
		return at, ErrOther
	}
	var tool Tool
	var scan Scan
	version := ""
	fields := map[string]any{"schema_version": &version, "tool": &tool, "scan": &scan}
	for left := len(fields); left > 0; {
		t, err := dec.Token()
		if err != nil {
			return at, broken(err)
		}
		key, ok := t.(string)
		if !ok { // the object ends
			return at, ErrOther
		}
		to, known := fields[key]
		if !known {
			to = new(json.RawMessage)
		} else {
			delete(fields, key)
			left--
		}
		if err := dec.Decode(to); err != nil {
			var wrong *json.UnmarshalTypeError
			if errors.As(err, &wrong) {
				return at, ErrOther
			}
			return at, broken(err)
		}
	}
	switch {
	case tool.Name != "ourshare":
		return at, ErrOther
	case !strings.HasPrefix(version, "1."):
		return at, &VersionError{version}
	}
	return scan.FinishedAt, nil
}
