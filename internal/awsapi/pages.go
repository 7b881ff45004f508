package awsapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"reflect"
)

// maxPages ends a listing whose token never ends; the largest real one has some thousands of pages.
const maxPages = 50_000

// Pager is what the SDK's paginators are.
type Pager[Out, Opt any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, opts ...func(*Opt)) (*Out, error)
}

// Pages follows every page. With an error it returns the rows that came before it: what was listed is still judged,
// and the lost page is a gap.
func Pages[T, Out, Opt any](ctx context.Context, p Pager[Out, Opt], rows func(*Out) []T) ([]T, error) {
	var all []T
	for range maxPages {
		if !p.HasMorePages() {
			return all, nil
		}
		out, err := p.NextPage(ctx)
		if err != nil {
			return all, err
		}
		all = append(all, rows(out)...)
		if cutShort(out) {
			return all, unfinished(ctx, "failed (the answer says that there is more, and not where it goes on)")
		}
	}
	return all, unfinished(ctx, "failed (the listing does not end)")
}

// unfinished is a listing of which a part is missing, blamed on the one operation that may be called here.
func unfinished(ctx context.Context, text string) error {
	e := &Error{Outcome: Failed, Text: text}
	if ops, _ := ctx.Value(declaredKey{}).(Ops); len(ops) == 1 {
		e.Operation, e.Action = ops[0].String(), firstAction(ops[0])
	}
	return e
}

// cutShort reports an answer that is truncated and has no token: the SDK's paginators would take it for the last page.
// IAM says IsTruncated and gives a Marker; KMS says Truncated and gives a NextMarker.
func cutShort(out any) bool {
	v := reflect.Indirect(reflect.ValueOf(out))
	if v.Kind() != reflect.Struct {
		return false
	}
	truncated := false
	for _, name := range []string{"IsTruncated", "Truncated"} {
		f := v.FieldByName(name)
		if f.Kind() == reflect.Pointer {
			f = f.Elem()
		}
		truncated = truncated || f.Kind() == reflect.Bool && f.Bool()
	}
	for _, name := range []string{"Marker", "NextMarker", "NextToken", "NextContinuationToken"} {
		if token, ok := fieldText(v, name); ok && token != "" {
			return false
		}
	}
	return truncated
}

func fieldText(v reflect.Value, name string) (string, bool) {
	f := v.FieldByName(name)
	if f.Kind() == reflect.Pointer {
		f = f.Elem()
	}
	if f.Kind() != reflect.String {
		return "", false
	}
	return f.String(), true
}

// buffer reads an error's body, so that what follows does not depend on the connection.
func buffer(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	closeErr := resp.Body.Close()
	if err != nil || closeErr != nil {
		return &brokenAnswerError{"the answer broke off before its end"}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}
