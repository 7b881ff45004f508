package main

import (
	"strings"
	"testing"
)

func TestHTMLTable(t *testing.T) {
	for printed, want := range map[string]string{
		"BenchmarkHTMLOpen/findings=1000-2 \t 3\t 0.8407 MB\t 15.60 ms/filter\t 450.7 ms/painted\t 350.3 ms/ready\t 188.2 ms/search\t 52.00 ms/write\nPASS\n": "| 1000 | 0.8407 | 450.7 | 350.3 | 188.2 | 15.60 |\n",
		"PASS\n": "no Chromium was found",
	} {
		var b strings.Builder
		if err := htmlTable(&b, []byte(printed)); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%q: %v\n%s", printed, err, b.String())
		}
	}
	if err := htmlTable(&strings.Builder{}, []byte("BenchmarkHTMLOpen/findings=1000-2 3 0.8407 MB")); err == nil {
		t.Error("a figure that is missing is no error")
	}
}
