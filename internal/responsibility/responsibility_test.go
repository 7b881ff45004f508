package responsibility

import "testing"

// The matrix of the shared responsibility model, row by row: A AWS, C customer, S shared, "-" no entry.
var matrix = map[Layer]string{
	Foundation:           "AAAA",
	CustomerData:         "CCCC",
	IdentityAccess:       "CCCC",
	PlatformApplication:  "CSAS",
	OperatingSystem:      "CAAA",
	NetworkFirewall:      "CCSC",
	ClientSideEncryption: "CCC-",
	ServerSideEncryption: "CCSS",
	DataInTransit:        "CCS-",
	LoggingMonitoring:    "CCCC",
}

func TestMatrix(t *testing.T) {
	letters := map[Share]byte{AWS: 'A', Customer: 'C', Shared: 'S'}
	seen := 0
	for _, l := range Layers() {
		row := matrix[l]
		for i, c := range Categories() {
			cell, ok := Of(c, l)
			got := byte('-')
			if ok {
				got = letters[cell.Share]
				seen++
				if cell.What == "" {
					t.Errorf("%s/%s says not for what", c, l)
				}
			}
			if got != row[i] {
				t.Errorf("%s/%s: %c, want %c", c, l, got, row[i])
			}
		}
	}
	if seen != len(Cells()) {
		t.Errorf("%d cells reached, %d in the matrix: a duplicate or a cell outside", seen, len(Cells()))
	}
}
