package cli

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/target"
)

// source is where the commands of the two reasonings get their evidence: an account, or a saved inventory.
type source struct {
	file       string
	profile    string
	regions    []string
	configFile string
}

func (s *source) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.file, "inventory", "", "answer from this file of `scan --save-inventory`, without a call to AWS")
	f.StringVar(&s.profile, "profile", "", "a profile of the shared AWS configuration")
	f.StringSliceVar(&s.regions, "region", nil, "look in this region (repeatable); default: every region enabled for the account")
	f.StringVar(&s.configFile, "config", "", "configuration file; default: ourshare.yaml in the working directory, where there is one")
}

// opened is evidence to be read: a saved inventory's, or an account's.
type opened struct {
	id, partition string
	params        map[string]any
	asked         []string         // --region
	saved         *inventory.Store // of a file
	account       *awsapi.Account  // of a live account
	head          *inventory.File  // of a file
}

// open reads the file, or verifies the identity.
func (s *source) open(ctx context.Context) (*opened, error) {
	cfg, err := judging("none", s.configFile)
	if err != nil {
		return nil, err
	}
	for _, r := range s.regions {
		if strings.TrimSpace(r) == "" {
			return nil, usagef("--region needs the name of a region")
		}
	}
	if s.file != "" {
		if s.profile != "" || len(s.regions) > 0 {
			return nil, usagef("--inventory answers from the file alone: it goes with neither --profile nor --region")
		}
		b, err := readable(s.file)
		if err != nil {
			return nil, err
		}
		store, head, err := inventory.Load(bytes.NewReader(b), nodesOf(catalog.All(), true))
		if err != nil {
			return nil, usagef("%s: %s", s.file, err)
		}
		store.Params = cfg.Params
		return &opened{id: store.AccountID, partition: store.Partition, params: cfg.Params, saved: store, head: head}, nil
	}
	first := ""
	if len(s.regions) > 0 {
		first = s.regions[0]
	}
	account, err := awsapi.Open(ctx, awsapi.Options{Profile: s.profile, Region: first, Concurrency: awsapi.DefaultConcurrency})
	if err != nil {
		return nil, regionHint(err, s.regions)
	}
	return &opened{id: account.ID, partition: account.Partition, params: cfg.Params, asked: s.regions, account: account}, nil
}

// listed are the regions to look in: those asked for, every one that is enabled, or the file's. lost is why there may be more.
func (o *opened) listed(ctx context.Context) (regions []string, lost []error, err error) {
	if o.saved != nil {
		return o.saved.Regions, gapErrors(o.head.ScanGaps), nil
	}
	regions, gaps, err := target.Regions(ctx, o.account, o.asked)
	if err != nil {
		return nil, nil, regionError(err)
	}
	return regions, gapErrors(gaps), nil
}

// store is the saved inventory's, whatever the regions, or an empty one of these regions, to be filled by Collect.
func (o *opened) store(regions ...string) *inventory.Store {
	if o.saved != nil {
		return o.saved
	}
	if len(regions) == 0 {
		regions = []string{o.account.Home}
	}
	store := inventory.NewStore(o.account, regions, time.Now)
	store.Params = o.params
	return store
}

func gapErrors(gaps []inventory.Gap) []error {
	var errs []error
	for i := range gaps {
		errs = append(errs, &gaps[i].Error)
	}
	return errs
}
