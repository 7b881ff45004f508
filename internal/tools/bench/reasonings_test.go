package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	got, err := parse([]byte(`goos: linux
pkg: example.com/x
BenchmarkVPC-2         	      12	  95123456 ns/op	  123 B/op	       4 allocs/op
BenchmarkVPC-2         	      12	  95200000 ns/op
BenchmarkParse20KB 	    1000	      1234.5 ns/op	  16.20 MB/s
BenchmarkOf/one-two-2  	       1	         7 ns/op
PASS
ok  	example.com/x	4.2s
`))
	want := map[string][]time.Duration{"BenchmarkVPC": {95123456, 95200000}, "BenchmarkParse20KB": {1234}, "BenchmarkOf/one-two": {7}}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	if _, err := parse([]byte("BenchmarkVPC-2 12 9 B/op 7")); err == nil {
		t.Error("a line without a time")
	}
}

func TestRows(t *testing.T) {
	r := reasoning{"./x", ".", map[string]subject{"BenchmarkVPC": {"a VPC", 4000, time.Second}}}
	got, err := r.rows(map[string][]time.Duration{"BenchmarkVPC": {300 * time.Millisecond, 100 * time.Millisecond, 200123456}, "BenchmarkNew": {7}})
	if d := cmp.Diff([][2]string{{"BenchmarkNew", "7ns | -"}, {"a VPC", "200ms | 19988"}}, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	for name, times := range map[string]map[string][]time.Duration{
		"has no":   {"BenchmarkOther": {1}},
		"not less": {"BenchmarkVPC": {time.Second}},
	} {
		if _, err := r.rows(times); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
