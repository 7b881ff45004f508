package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/checks/reachable"
	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/reach"
	"github.com/ourshare/ourshare/internal/report"
)

type reachOptions struct {
	source
	port int
}

func newReach(io streams) *cobra.Command {
	var o reachOptions
	cmd := &cobra.Command{
		Use: "reach RESOURCE", Short: "Say whether the internet reaches an instance, interface, load balancer or database, and by which paths",
		Long: "RESOURCE is the id of an instance (i-...) or of a network interface (eni-...), or the ARN or name of a load balancer of any kind\n" +
			"or of an RDS DB instance. Prints the paths from the internet by TCP and UDP, or the links that stop them; of a load balancer,\n" +
			"what each listener lets through to which interfaces; of a database, those to its port.\n\n" +
			"Exit codes: 0 answered; 1 the account could not be read; 2 wrong usage, an unreadable inventory, no such resource; 4 not known.",
		Example: "  ourshare reach i-0123456789abcdef0 --port 22\n" +
			"  ourshare reach edge-nlb --region us-east-1\n" +
			"  ourshare reach arn:aws:rds:eu-west-1:111122223333:db:orders --inventory inventory.json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || strings.TrimSpace(args[0]) == "" {
				return usagef("this command takes one argument: the id of an instance or a network interface, or the ARN or name of a load balancer or a DB instance")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), io.out, args[0]) },
	}
	cmd.Flags().IntVar(&o.port, "port", -1, "the port, 0 to 65535; default: every port, every listener, the database's port")
	o.flags(cmd)
	return cmd
}

func (o *reachOptions) run(ctx context.Context, out io.Writer, resource string) error {
	if o.port < -1 || o.port > 65535 {
		return usagef("--port must be from 0 to 65535")
	}
	want, err := parseTarget(resource)
	if err != nil {
		return err
	}
	from, err := o.open(ctx)
	if err != nil {
		return err
	}
	at, err := want.find(ctx, from)
	if err != nil {
		return err
	}
	if at.lost != nil {
		if _, err := fmt.Fprintf(out, "%s: not known: it was not found, and not all could be listed: %s\n", report.Visible(resource), report.Visible(at.lost.Text)); err != nil {
			return err
		}
		return &codeError{exitIncomplete}
	}
	store := from.store(at.region)
	bind := func(b *inventory.Binder) reachEvidence { return bindReach(b, at.kind) }
	store.Collect(ctx, inventory.Plan(func(b *inventory.Binder) { bind(b) }).Nodes)
	return o.answer(out, bind(store.Bind(at.region)), at)
}

// reachEvidence is what decides: the region's network, and what it does not hold of a load balancer or a database.
type reachEvidence struct {
	networks   inventory.Rows[reach.Network]
	balancers  balancers
	databases  databases
	ipv4, ipv6 int
}

func bindReach(b *inventory.Binder, kind targetKind) reachEvidence {
	e := reachEvidence{
		networks: inventory.Use(b, reach.Networks),
		ipv4:     inventory.Value(b, reachable.InternetIPv4Prefix), ipv6: inventory.Value(b, reachable.InternetIPv6Prefix),
	}
	switch kind {
	case balancerTarget:
		e.balancers = bindBalancers(b)
	case databaseTarget:
		e.databases = bindDatabases(b)
	case instanceTarget, interfaceTarget:
	}
	return e
}

// answer prints what the network says of the resource.
func (o *reachOptions) answer(out io.Writer, e reachEvidence, at located) error {
	internet, err := exposure.NewInternet(e.ipv4, e.ipv6)
	if err != nil {
		return usagef("%s", err)
	}
	p := reaching{internet: internet, port: o.port}
	if len(e.networks.List) != 1 {
		p.unknown = true
		p.say("not known: %s", cmp.Or(reasonText(e.networks.Err()), "the network of the region is not known"))
	} else {
		p.net = e.networks.List[0]
		switch at.kind {
		case balancerTarget:
			p.balancer(e.balancers, at)
		case databaseTarget:
			p.database(e.databases, at)
		case instanceTarget, interfaceTarget:
			p.host(at)
		}
	}
	if _, err := io.WriteString(out, p.text.String()); err != nil {
		return err
	}
	if p.unknown {
		return &codeError{exitIncomplete}
	}
	return nil
}

// reaching is an answer while it is written.
type reaching struct {
	net      reach.Network
	internet exposure.Internet
	port     int // -1: all
	text     strings.Builder
	unknown  bool
}

// say writes a line; what it holds of other people's names cannot hide or forge anything.
func (p *reaching) say(format string, args ...any) {
	p.text.WriteString(report.Visible(fmt.Sprintf(format, args...)) + "\n")
}

func (p *reaching) host(at located) {
	ports := exposure.PortRange{From: 0, To: 65535}
	if p.port >= 0 {
		ports = exposure.PortRange{From: uint16(p.port), To: uint16(p.port)}
	}
	what := exposure.Target{Instance: at.id}
	if at.kind == interfaceTarget {
		what = exposure.Target{Interface: at.id}
	}
	for _, protocol := range []exposure.Protocol{exposure.TCP, exposure.UDP} {
		p.describe(fmt.Sprintf("%s %s", protocol, ports), p.net.Reach(p.internet, what, protocol, ports))
	}
}

func (p *reaching) database(in databases, at located) {
	d := in.of(at)
	port := p.port
	if port < 0 {
		port = d.port
	}
	switch {
	case d.stopped:
		p.say("not reachable: the instance is stopped")
		return
	case port < 0:
		p.unknown = true
		p.say("not known: the answer names no port, as of an instance that is being created")
		return
	}
	asked := fmt.Sprintf("tcp %d", port)
	if d.gateway == exposure.Yes {
		p.say("%s: reachable", asked)
		p.say("  by the internet access gateway of its cluster %s", d.cluster)
		return
	}
	r := p.net.ReachPlacement(p.internet, d.placement, exposure.TCP, exposure.PortRange{From: uint16(port), To: uint16(port)})
	if r.Answer == exposure.No && d.gateway == exposure.Unknown {
		p.unknown = true
		p.say("%s: not known", asked)
		p.say("  %s", reasonText(d.why...))
		return
	}
	p.describe(asked, r, d.why...)
	if d.port >= 0 && port != d.port {
		p.say("  the database itself listens at port %d", d.port)
	}
}

var verdictWords = map[exposure.Answer]string{exposure.Yes: "reachable", exposure.No: "not reachable", exposure.Unknown: "not known"}

// describe prints the paths of a yes, the stops of a no, or what is missing; why are reasons besides.
func (p *reaching) describe(asked string, r exposure.Reachability, why ...error) {
	p.say("%s: %s", asked, verdictWords[r.Answer])
	switch r.Answer {
	case exposure.Yes:
		for _, path := range r.Paths {
			p.say("  %s", path)
		}
	case exposure.No:
		for _, s := range r.Stops {
			p.say("  stopped: %s", s.Path)
		}
		if from := r.From.Intersect(exposure.Public()); !from.IsEmpty() {
			p.say("  reachable from %s alone", from)
		}
		for _, x := range r.Unmodelled {
			p.say("  not followed: %s", x)
		}
	case exposure.Unknown:
		p.unknown = true
		p.say("  %s", cmp.Or(reasonText(append(p.net.Why(r.Missing), why...)...), "the reasoning gave no reason"))
	}
}

// reasonText joins reasons; empty where there are none.
func reasonText(errs ...error) string {
	if r := inventory.Reason(errs...); r != nil {
		return r.Text
	}
	return ""
}
