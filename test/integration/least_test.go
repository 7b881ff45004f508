package integration

import "testing"

func LeastCalls(t *testing.T, s *scannedCalls) map[string]int { return nil }
