package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/elb"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
	"github.com/ourshare/ourshare/internal/inventory/rds"
)

// targetKind is what `reach` can be asked about.
type targetKind string

const (
	instanceTarget  targetKind = "instance"
	interfaceTarget targetKind = "network interface"
	balancerTarget  targetKind = "load balancer"
	databaseTarget  targetKind = "DB instance"
)

const classicBalancer = "classic"

// wanted is a resource as the command line names it: by its id, its ARN, or a name that a load balancer or a DB instance
// may have.
type wanted struct {
	text   string
	arn    bool
	kinds  []targetKind // what it may be
	region string       // of an ARN
}

// located is the resource that was found.
type located struct {
	kind     targetKind
	id, arn  string
	region   string
	balancer string          // of which kind a load balancer is: application, network, gateway, or classicBalancer
	lost     *finding.Reason // why it may be there and was not found
}

func (l located) String() string { return fmt.Sprintf("%s %s (%s)", l.kind, l.id, l.arn) }

func parseTarget(text string) (wanted, error) {
	w := wanted{text: text}
	switch {
	case strings.HasPrefix(text, "i-"):
		w.kinds = []targetKind{instanceTarget}
	case strings.HasPrefix(text, "eni-"):
		w.kinds = []targetKind{interfaceTarget}
	case strings.HasPrefix(text, "arn:"):
		return parseTargetARN(text)
	default:
		w.kinds = []targetKind{balancerTarget, databaseTarget}
	}
	return w, nil
}

// parseTargetARN: an ARN says what it is of, and in which region.
func parseTargetARN(text string) (wanted, error) {
	seg := strings.SplitN(text, ":", 6)
	if len(seg) == 6 && seg[3] != "" {
		w := wanted{text: text, arn: true, region: seg[3]}
		_, name, _ := strings.Cut(seg[5], "/")
		switch {
		case seg[2] == "ec2" && strings.HasPrefix(seg[5], "instance/"):
			w.text, w.arn, w.kinds = name, false, []targetKind{instanceTarget}
			return w, nil
		case seg[2] == "ec2" && strings.HasPrefix(seg[5], "network-interface/"):
			w.text, w.arn, w.kinds = name, false, []targetKind{interfaceTarget}
			return w, nil
		case seg[2] == "elasticloadbalancing" && strings.HasPrefix(seg[5], "loadbalancer/"):
			w.kinds = []targetKind{balancerTarget}
			return w, nil
		case seg[2] == "rds" && strings.HasPrefix(seg[5], "db:"):
			w.kinds = []targetKind{databaseTarget}
			return w, nil
		}
	}
	return wanted{}, usagef("no ARN of an instance, a network interface, a load balancer or a DB instance: %q", text)
}

// listings are where a resource is looked up; those that are not needed are not read.
type listings struct {
	instances  inventory.Rows[ec2.Instance]
	interfaces inventory.Rows[ec2.ENI]
	balancers  inventory.Rows[elbv2.LoadBalancer]
	classic    inventory.Rows[elb.LoadBalancer]
	databases  inventory.Rows[rds.Instance]
}

func (w wanted) bind(b *inventory.Binder) (l listings) {
	for _, kind := range w.kinds {
		switch kind {
		case instanceTarget: // an interface shows an instance that the listing does not
			l.instances, l.interfaces = inventory.Use(b, ec2.Instances), inventory.Use(b, ec2.ENIs)
		case interfaceTarget:
			l.interfaces = inventory.Use(b, ec2.ENIs)
		case balancerTarget:
			l.balancers, l.classic = inventory.Use(b, elbv2.LoadBalancers), inventory.Use(b, elb.LoadBalancers)
		case databaseTarget:
			l.databases = inventory.Use(b, rds.Instances)
		}
	}
	return l
}

// find looks the resource up in the regions.
func (w wanted) find(ctx context.Context, from *opened) (located, error) {
	regions, lost, err := from.listed(ctx)
	if err != nil {
		return located{}, err
	}
	if w.region != "" {
		if !slices.Contains(regions, w.region) && len(lost) == 0 {
			return located{}, usagef("%s lies in %s, and what is looked at in %s", w.text, w.region, strings.Join(regions, ", "))
		}
		regions, lost = []string{w.region}, nil
	}
	store := from.store(regions...)
	store.Collect(ctx, inventory.Plan(func(b *inventory.Binder) { w.bind(b) }).Nodes)
	var all []located
	for _, region := range regions {
		l := w.bind(store.Bind(region))
		all = append(all, w.among(l, region)...)
		for _, err := range []error{l.instances.Err(), l.interfaces.Err(), l.balancers.Err(), l.classic.Err(), l.databases.Err()} {
			if err != nil {
				lost = append(lost, err)
			}
		}
	}
	switch {
	case len(all) == 1:
		return all[0], nil
	case len(all) > 1:
		texts := make([]string, len(all))
		for i, x := range all {
			texts[i] = x.String()
		}
		return located{}, usagef("there are several: give the ARN of one:\n  %s", strings.Join(texts, "\n  "))
	case len(lost) > 0:
		return located{lost: inventory.Reason(lost...)}, nil
	}
	kinds := texts(w.kinds)
	return located{}, usagef("no such %s in %s: %s", strings.Join(kinds, " or "), strings.Join(regions, ", "), w.text)
}

// among gives those of a region that it may be. An id is one resource, however often it is listed.
func (w wanted) among(l listings, region string) (all []located) {
	add := func(kind targetKind, r *inventory.Resource, balancer string) {
		if w.arn && r.ARN == w.text || !w.arn && r.ID == w.text {
			all = append(all, located{kind: kind, id: r.ID, arn: r.ARN, region: region, balancer: balancer})
		}
	}
	for _, i := range l.instances.List {
		add(instanceTarget, i.Resource, "")
	}
	for _, n := range l.interfaces.List {
		switch {
		case slices.Contains(w.kinds, interfaceTarget):
			add(interfaceTarget, n.Resource, "")
		case n.InstanceID == w.text && len(all) == 0:
			all = append(all, located{kind: instanceTarget, id: w.text, region: region})
		}
	}
	for _, b := range l.balancers.List {
		add(balancerTarget, b.Resource, b.Kind)
	}
	for _, b := range l.classic.List {
		add(balancerTarget, b.Resource, classicBalancer)
	}
	for _, d := range l.databases.List {
		add(databaseTarget, d.Resource, "")
	}
	return all
}
