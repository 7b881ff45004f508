package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks/reachable"
	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/reach"
	"github.com/ourshare/ourshare/internal/target"
)

type reachOptions struct {
	port       int
	file       string
	profile    string
	regions    []string
	configFile string
}

func newReach(io streams) *cobra.Command {
	var o reachOptions
	cmd := &cobra.Command{
		Use: "reach RESOURCE", Short: "Say whether the internet reaches an instance or interface, and by which paths",
		Long: "RESOURCE is the id of an instance (i-...) or of a network interface (eni-...). Prints the paths from the internet by TCP and UDP,\n" +
			"or the links that stop them.\n\n" +
			"Exit codes: 0 answered; 1 the account could not be read; 2 wrong usage, an unreadable inventory, no such resource; 4 not known.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !strings.HasPrefix(args[0], "i-") && !strings.HasPrefix(args[0], "eni-") {
				return usagef("this command takes one argument, the id of an instance or of a network interface")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), io.out, args[0]) },
	}
	f := cmd.Flags()
	f.IntVar(&o.port, "port", -1, "the port, 0 to 65535; default: every port")
	f.StringVar(&o.file, "inventory", "", "answer from this file of `scan --save-inventory`, without a call to AWS")
	f.StringVar(&o.profile, "profile", "", "a profile of the shared AWS configuration")
	f.StringSliceVar(&o.regions, "region", nil, "look in this region (repeatable); default: every region enabled for the account")
	f.StringVar(&o.configFile, "config", "", "configuration file; default: ourshare.yaml in the working directory, where there is one")
	return cmd
}

type reachEvidence struct {
	networks   inventory.Rows[reach.Network]
	instances  inventory.Rows[ec2.Instance]
	interfaces inventory.Rows[ec2.ENI]
	ipv4, ipv6 int
}

func bindReach(b *inventory.Binder) reachEvidence {
	return reachEvidence{
		inventory.Use(b, reach.Networks), inventory.Use(b, ec2.Instances), inventory.Use(b, ec2.ENIs),
		inventory.Value(b, reachable.InternetIPv4Prefix), inventory.Value(b, reachable.InternetIPv6Prefix),
	}
}

func (o *reachOptions) run(ctx context.Context, out io.Writer, id string) error {
	if o.port < -1 || o.port > 65535 {
		return usagef("--port must be from 0 to 65535")
	}
	cfg, err := judging("none", o.configFile)
	if err != nil {
		return err
	}
	store, err := o.store(ctx, cfg)
	if err != nil {
		return err
	}
	store.Collect(ctx, inventory.Plan(func(b *inventory.Binder) { bindReach(b) }).Nodes)
	var lost []error
	for _, region := range store.Regions {
		e := bindReach(store.Bind(region))
		if len(e.networks.List) == 1 && e.has(id) {
			return o.answer(out, e, id)
		}
		for _, err := range []error{e.networks.Err(), e.instances.Err(), e.interfaces.Err()} {
			if err != nil {
				lost = append(lost, err)
			}
		}
	}
	if reason := inventory.Reason(lost...); reason != nil {
		if _, err := fmt.Fprintf(out, "%s: not known: it was not found, and not all could be listed: %s\n", id, reason.Text); err != nil {
			return err
		}
		return &codeError{exitIncomplete}
	}
	return usagef("no such instance or interface in %s: %s", strings.Join(store.Regions, ", "), id)
}

// store is the saved inventory's, or one to be filled from the account.
func (o *reachOptions) store(ctx context.Context, cfg config.Config) (*inventory.Store, error) {
	if o.file != "" {
		if o.profile != "" || len(o.regions) > 0 {
			return nil, usagef("--inventory answers from the file alone: it goes with neither --profile nor --region")
		}
		b, err := readable(o.file)
		if err != nil {
			return nil, err
		}
		store, _, err := inventory.Load(bytes.NewReader(b), nodesOf(catalog.All(), true))
		if err != nil {
			return nil, usagef("%s: %s", o.file, err)
		}
		store.Params = cfg.Params
		return store, nil
	}
	first := ""
	if len(o.regions) > 0 {
		first = o.regions[0]
	}
	account, err := awsapi.Open(ctx, awsapi.Options{Profile: o.profile, Region: first, Concurrency: awsapi.DefaultConcurrency})
	if err != nil {
		return nil, regionHint(err, o.regions)
	}
	regions, _, err := target.Regions(ctx, account, o.regions)
	if err != nil {
		return nil, regionError(err)
	}
	store := inventory.NewStore(account, regions, time.Now)
	store.Params = cfg.Params
	return store, nil
}

func (e reachEvidence) has(id string) bool {
	return slices.ContainsFunc(e.instances.List, func(i ec2.Instance) bool { return i.ID == id }) ||
		slices.ContainsFunc(e.interfaces.List, func(n ec2.ENI) bool { return n.ID == id || n.InstanceID == id })
}

func (o *reachOptions) answer(out io.Writer, e reachEvidence, id string) error {
	internet, err := exposure.NewInternet(e.ipv4, e.ipv6)
	if err != nil {
		return usagef("%s", err)
	}
	what := exposure.Target{Instance: id}
	if strings.HasPrefix(id, "eni-") {
		what = exposure.Target{Interface: id}
	}
	ports := exposure.PortRange{From: 0, To: 65535}
	if o.port >= 0 {
		ports = exposure.PortRange{From: uint16(o.port), To: uint16(o.port)}
	}
	net, unknown := e.networks.List[0], false
	var b strings.Builder
	for _, p := range []exposure.Protocol{exposure.TCP, exposure.UDP} {
		r := net.Reach(internet, what, p, ports)
		unknown = unknown || r.Answer == exposure.Unknown
		describeReach(&b, net, fmt.Sprintf("%s %s", p, ports), r)
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return err
	}
	if unknown {
		return &codeError{exitIncomplete}
	}
	return nil
}

// describeReach prints the paths of a yes, the stops of a no, or what is missing.
func describeReach(b *strings.Builder, net reach.Network, asked string, r exposure.Reachability) {
	verdict := map[exposure.Answer]string{exposure.Yes: "reachable", exposure.No: "not reachable", exposure.Unknown: "not known"}[r.Answer]
	fmt.Fprintf(b, "%s: %s\n", asked, verdict)
	switch r.Answer {
	case exposure.Yes:
		for _, p := range r.Paths {
			fmt.Fprintf(b, "  %s\n", p)
		}
	case exposure.No:
		for _, s := range r.Stops {
			fmt.Fprintf(b, "  stopped: %s\n", s.Path)
		}
		if from := r.From.Intersect(exposure.Public()); !from.IsEmpty() {
			fmt.Fprintf(b, "  reachable from %s alone\n", from)
		}
		for _, x := range r.Unmodelled {
			fmt.Fprintf(b, "  not followed: %s\n", x)
		}
	case exposure.Unknown:
		fmt.Fprintf(b, "  %s\n", cmp.Or(inventory.Reason(net.Why(r.Missing)...).Text, "the reasoning gave no reason"))
	}
}
