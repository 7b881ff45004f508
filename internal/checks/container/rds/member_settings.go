package rds

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/inventory"
	rdsinv "github.com/ourshare/ourshare/internal/inventory/rds"
)

// clusters are the listed clusters, to be found by the name that a member gives.
type clusters struct {
	rows inventory.Rows[rdsinv.Cluster]
}

func useClusters(b *inventory.Binder) clusters {
	return clusters{inventory.Use(b, rdsinv.Clusters)}
}

// of is a member's cluster. A cluster that a whole listing does not have was made or deleted meanwhile, which is no gap.
func (c clusters) of(member rdsinv.Instance) (rdsinv.Cluster, error) {
	for _, row := range c.rows.List {
		if row.ID == member.ClusterID && row.Region == member.Region {
			return row, nil
		}
	}
	if err := c.rows.Err(); err != nil {
		return rdsinv.Cluster{}, err
	}
	return rdsinv.Cluster{}, inventory.Insufficient("its cluster %s is not in the listing of clusters", member.ClusterID)
}

// setting is a flag that each instance has, and that a Multi-AZ cluster has for its members: the worse of the two counts.
type setting struct {
	own, ofCluster inventory.Tri
	cluster        string // the Multi-AZ cluster's name; empty for an instance that answers for itself
}

// setting reads a flag: an instance that stands alone and an Aurora member have their own. An instance of an unknown
// engine in a cluster counts as a Multi-AZ cluster's.
func (c clusters) setting(i rdsinv.Instance, name string, own *bool, get func(rdsinv.Cluster) *bool) setting {
	s := setting{own: said(own, "whether "+name+" is set")}
	if i.ClusterID == "" || rdsinv.Aurora(i.Engine) {
		return s
	}
	s.cluster = i.ClusterID
	if row, err := c.of(i); err != nil {
		s.ofCluster = inventory.Unknown(err)
	} else {
		s.ofCluster = said(get(row), "whether "+name+" is set on its cluster "+s.cluster)
	}
	return s
}

// either is for a flag that is worse when true.
func (s setting) either() inventory.Tri {
	if s.cluster == "" {
		return s.own
	}
	return s.own.Or(s.ofCluster)
}

// both is for a flag that is worse when false.
func (s setting) both() inventory.Tri {
	if s.cluster == "" {
		return s.own
	}
	return s.own.And(s.ofCluster)
}

// where names the cluster in a message, and on which side the value was found.
func (s setting) where(value bool) string {
	here, known := s.own.Known()
	here = known && here == value
	there, known := s.ofCluster.Known()
	there = known && there == value
	switch {
	case s.cluster == "":
		return ""
	case here && there:
		return " here and on its Multi-AZ cluster " + s.cluster
	case there:
		return " on its Multi-AZ cluster " + s.cluster
	}
	return " on this member of Multi-AZ cluster " + s.cluster
}

func (s setting) evidence(v checks.Verdict, key string) checks.Verdict {
	if set, known := s.own.Known(); known {
		v = v.With(key, set)
	}
	if s.cluster == "" {
		return v
	}
	v = v.With("cluster", s.cluster)
	if set, known := s.ofCluster.Known(); known {
		v = v.With("cluster_"+key, set)
	}
	return v
}
