package awsapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
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
	}
	return all, &Error{Outcome: Failed, Text: "the listing does not end"}
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
