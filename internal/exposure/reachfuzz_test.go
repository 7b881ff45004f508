package exposure

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// nonsense are texts that no answer of AWS holds, or holds elsewhere.
var nonsense = []string{"", "0.0.0.0/0", "::/0", "10.0.1.5", "i-1", "eni-1", "subnet-1", "vpc-1", "sg-1", "igw-1", "pl-1", "tg-0", "tg-alb", "lb-0", "alb", "1.2.3.4/99", "available", "é\x00"}

// spoil breaks a network in places.
func spoil(t *rapid.T, e *Evidence) {
	bad := func(fields ...*string) { *one(t, fields...) = one(t, nonsense...) }
	for range rapid.IntRange(0, 6).Draw(t, "spoilt") {
		switch i := rapid.IntRange(0, 2).Draw(t, ""); rapid.IntRange(0, 12).Draw(t, "what") {
		case 0:
			bad(&e.Subnets.List[i].ID, &e.Subnets.List[i].VPC, &e.Subnets.List[i].Owner, &e.Account)
		case 1:
			x := &e.Interfaces.List[i]
			x.IPv4 = append(x.IPv4, IPv4{})
			bad(&x.ID, &x.Subnet, &x.VPC, &x.Status, &x.Type, &x.Instance, &x.LoadBalancer, &x.IPv4[0].Private, &x.IPv4[0].Public)
		case 2:
			r := e.RouteTables.List[i].Routes
			bad(&r[0].Target, &r[len(r)-1].Destination, &r[len(r)-1].Target, &r[len(r)-1].State, &e.RouteTables.List[i].VPC)
		case 3:
			e.RouteTables.List[i].Gateways = []string{"igw-1"}
		case 4:
			g := &e.TargetGroups.List[i%len(e.TargetGroups.List)]
			bad(&g.ARN, &g.Type, &g.Addresses, &g.Protocol, &g.Targets.List[0].ID, &g.VPC)
		case 5:
			for k := range e.LoadBalancers.List {
				b := &e.LoadBalancers.List[k]
				bad(&b.ARN, &b.Type, &b.Scheme, &b.State, &b.Addresses, &b.Listeners.List[0].Protocol, &b.VPC, &b.Subnets[0])
			}
		case 6:
			e.Interfaces.List[i].Groups = []string{one(t, nonsense...)}
		case 7:
			e.Interfaces.List[i].IPv4 = nil
		case 8:
			e.Groups.List[i].Inbound[0].GroupRefs = []string{one(t, nonsense...)}
			bad(&e.Groups.List[i].Inbound[0].Protocol, &e.Groups.List[i].ID)
		case 9:
			e.VPCOrigins.List = []VPCOrigin{{ID: "vo-1", Used: Answer(i), Endpoint: one(t, nonsense...), Ports: brutePorts, Groups: []string{"sg-2"}}}
		case 10:
			e.ACLs.List[i].Subnets = []string{one(t, nonsense...)}
		case 11:
			e.Entrances = Rows[Entrance]{List: []Entrance{{"transit gateway", "tgw-1", ""}}, Missing: []string{"denied"}}
		default:
			bad(&e.Block.Mode, &e.Block.State, &e.VPCs.List[i%2].ID)
		}
	}
}

// sane says what holds of every answer.
func sane(t *rapid.T, r Reachability) {
	t.Helper()
	if !r.From.Subtract(r.Possible).IsEmpty() {
		t.Fatalf("from %s, but possibly from %s", r.From, r.Possible)
	}
	switch {
	case r.Answer == Yes && (len(r.Paths) == 0 || len(r.Open) == 0 || len(r.Stops) > 0):
		t.Fatalf("a yes without proof: %+v", r)
	case r.Answer == No && (len(r.Stops) == 0 || len(r.Open)+len(r.Doubtful) > 0 || len(r.Missing) > 0):
		t.Fatalf("a no without proof: %+v", r)
	case r.Answer == Unknown && (len(r.Missing) == 0 || len(r.Doubtful) == 0):
		t.Fatalf("an unknown without a reason: %+v", r)
	}
}

// FuzzReach judges whole networks, of which some are spoilt and some have lost evidence.
func FuzzReach(f *testing.F) {
	names := make([]string, 0, len(losses))
	for name := range losses {
		names = append(names, name)
	}
	slices.Sort(names)
	for seed := range 8 { // a network takes some thousand draws
		data := make([]byte, 1<<15)
		for i, x := 0, uint64(seed)+1; i < len(data); i++ {
			x = x*6364136223846793005 + 1442695040888963407
			data[i] = byte(x >> 56)
			if i%8 > seed%8 {
				data[i] = 0 // small numbers
			}
		}
		f.Add(data)
	}
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		e := anyNetwork(t)
		spoil(t, &e)
		for range rapid.IntRange(0, 2).Draw(t, "lost") {
			if len(e.TargetGroups.List) > 0 && len(e.Interfaces.List) > 3 && len(e.RouteTables.List) > 2 && len(e.Groups.List) > 2 && len(e.Instances.List) > 2 && len(e.Gateways.List) > 1 {
				losses[one(t, names...)](t, &e)
			}
		}
		n := NewNetwork(e)
		for _, x := range e.Interfaces.List {
			for _, s := range everyService {
				sane(t, n.Reach(Internet{}, Target{Interface: x.ID}, s.Protocol, s.Ports))
				sane(t, n.Reach(Internet{}, Target{Instance: x.Instance}, s.Protocol, s.Ports))
			}
		}
		for _, b := range e.LoadBalancers.List {
			n.LoadBalancer(Internet{}, b.ARN)
		}
	}))
}

// TestReachSpoilt is the fuzz target's property as a test.
func TestReachSpoilt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyNetwork(t)
		spoil(t, &e)
		n := NewNetwork(e)
		for _, x := range e.Interfaces.List {
			for _, s := range everyService {
				sane(t, n.Reach(Internet{}, Target{Interface: x.ID}, s.Protocol, s.Ports))
				sane(t, n.Reach(Internet{}, Target{Instance: x.Instance}, s.Protocol, s.Ports))
			}
		}
		for _, b := range e.LoadBalancers.List {
			n.LoadBalancer(Internet{}, b.ARN)
		}
	})
}

// TestReachTogether asks from several goroutines, and twice.
func TestReachTogether(t *testing.T) {
	e := bigVPC()
	n, again := NewNetwork(e), NewNetwork(e)
	var wait sync.WaitGroup
	for k := range 4 {
		wait.Go(func() {
			for i := range 50 {
				target := Target{Interface: e.Interfaces.List[40*k+i].ID}
				n.Reach(Internet{}, target, TCP, PortRange{20, 30})
			}
		})
	}
	wait.Wait()
	for i := range 50 {
		target := Target{Interface: e.Interfaces.List[4*i].ID}
		if a, b := n.Reach(Internet{}, target, TCP, PortRange{20, 30}), again.Reach(Internet{}, target, TCP, PortRange{20, 30}); !cmp.Equal(a, b, cmp.AllowUnexported(Stop{}, Addresses{}, span{}, uint128{})) {
			t.Fatalf("not the same: %v, %v", a, b)
		}
	}
}
