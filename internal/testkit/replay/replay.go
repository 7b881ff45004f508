// Package replay records the HTTP of a scan and plays it back in-process, whole or with faults: the wire as tests want it.
package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ourshare/ourshare/internal/awsapi"
)

// Tape is the HTTP of one scan: each distinct request with its answer.
type Tape struct {
	mu      sync.Mutex
	answers map[string]answer
	ops     map[string]bool // operation → whether one of its requests asked for a later page
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// NewTape returns an empty tape.
func NewTape() *Tape { return &Tape{answers: map[string]answer{}, ops: map[string]bool{}} }

// Operations are the recorded operations, sorted.
func (t *Tape) Operations() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for op := range t.ops {
		out = append(out, op)
	}
	slices.Sort(out)
	return out
}

// Paged reports whether a later page of the operation was asked for.
func (t *Tape) Paged(op string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ops[op]
}

// Recorder passes requests on, and keeps them with their answers.
type Recorder struct {
	Tape  *Tape
	Inner aws.HTTPClient
}

// Do implements aws.HTTPClient.
func (r *Recorder) Do(req *http.Request) (*http.Response, error) {
	key, body, err := identify(req)
	if err != nil {
		return nil, err
	}
	resp, err := r.Inner.Do(req)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	op := awsapi.OperationOf(req.Context())
	r.Tape.mu.Lock()
	r.Tape.answers[key] = answer{resp.StatusCode, resp.Header.Clone(), got}
	r.Tape.ops[op] = r.Tape.ops[op] || LaterPage(req, body)
	r.Tape.mu.Unlock()
	resp.Body = io.NopCloser(bytes.NewReader(got))
	return resp, nil
}

var credentialScope = regexp.MustCompile(`Credential=[^/]+/[0-9]+/([^/]+)/([^/]+)/`)

// identify is what makes a request the same in another scan: where it goes and what it asks, without date and signature.
// It leaves the body readable.
func identify(req *http.Request) (key string, body []byte, err error) {
	if req.Body != nil {
		if body, err = io.ReadAll(req.Body); err != nil {
			return "", nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	scope := credentialScope.FindStringSubmatch(req.Header.Get("Authorization"))
	if scope == nil {
		return "", nil, errors.New("replay: the request is not signed")
	}
	return strings.Join([]string{
		scope[1], scope[2], req.Method, req.URL.Path, req.URL.Query().Encode(), req.Header.Get("X-Amz-Target"), string(body),
	}, "\n"), body, nil
}

var tokens = regexp.MustCompile(`(^|[?&"])(NextToken|Marker|nextToken|continuation-token|ContinuationToken)("?\s*[=:])`)

// LaterPage reports whether a request asks for a page after the first.
func LaterPage(req *http.Request, body []byte) bool {
	return tokens.Match(body) || tokens.MatchString("?"+req.URL.RawQuery)
}

// Player answers from a tape. Fault may answer instead: nil, nil lets the tape speak.
type Player struct {
	Tape  *Tape
	Fault func(op string, req *http.Request, laterPage bool) (*http.Response, error, bool)

	mu      sync.Mutex
	unknown []string
}

// Unknown are the requests that the tape does not hold.
func (p *Player) Unknown() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.unknown)
}

// Do implements aws.HTTPClient.
func (p *Player) Do(req *http.Request) (*http.Response, error) {
	key, body, err := identify(req)
	if err != nil {
		return nil, err
	}
	op := awsapi.OperationOf(req.Context())
	recorded, ok := p.Tape.answer(key)
	if p.Fault != nil {
		if resp, err, hit := p.Fault(op, req, LaterPage(req, body)); hit {
			if resp != nil && resp.Body == nil { // the fault damages what was recorded
				return damaged(resp, recorded), nil
			}
			return resp, err
		}
	}
	if !ok {
		p.mu.Lock()
		p.unknown = append(p.unknown, op+" "+string(body))
		p.mu.Unlock()
		return nil, fmt.Errorf("replay: no such request on the tape: %s", op)
	}
	return recorded.response(), nil
}

func (t *Tape) answer(key string) (answer, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, ok := t.answers[key]
	return a, ok
}

func (a answer) response() *http.Response {
	return &http.Response{
		StatusCode: a.status, Header: a.header.Clone(), Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)),
	}
}
