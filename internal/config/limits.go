package config

import (
	"fmt"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/strictyaml"
)

// Bounds of numbers that nothing else bounds.
const (
	MaxConcurrency = 256
	maxNumber      = 1_000_000_000
)

// Limits is the key `limits`: what the flags of the same names are where the command line does not give them.
type Limits struct {
	Concurrency int           // requests at once per region and service
	MaxAPICalls int           // 0: no limit
	Timeout     time.Duration // 0: no limit
}

// DefaultLimits is what stands where the configuration says nothing of limits.
func DefaultLimits() Limits { return Limits{Concurrency: awsapi.DefaultConcurrency} }

func (l *Limits) parse(e strictyaml.Entry) error {
	list, err := strictyaml.Mapping(e.Value, "limits", "limits", "concurrency", "max_api_calls", "timeout")
	if err != nil {
		return err
	}
	for _, e := range list {
		switch e.Key {
		case "concurrency":
			l.Concurrency, err = strictyaml.Int(e.Value, "limits.concurrency", 1, MaxConcurrency)
		case "max_api_calls":
			l.MaxAPICalls, err = strictyaml.Int(e.Value, "limits.max_api_calls", 0, maxNumber)
		case "timeout":
			l.Timeout, err = duration(e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func duration(e strictyaml.Entry) (time.Duration, error) {
	text, err := strictyaml.Text(e.Value, "limits.timeout")
	if err == nil {
		var d time.Duration
		if d, err = time.ParseDuration(text); err == nil && d >= 0 {
			return d, nil
		}
	}
	return 0, fmt.Errorf("line %d: limits.timeout must be a time such as 10m or 1h30m; 0s is no limit", e.Line)
}
