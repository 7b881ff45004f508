package target

import "slices"

// partition is one of AWS's partitions with the regions that it has published.
type partition struct {
	id      string
	regions []string
}

// partitions is AWS's published list (the SDKs' partitions.json, as of botocore 1.44, 2026); region names that are newer
// are not in it, which matters only where the account's own list of regions could not be read.
var partitions = []partition{
	{"aws", []string{
		"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
		"ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
		"ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1",
		"eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1",
		"me-south-1", "mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
	}},
	{"aws-cn", []string{
		"cn-north-1", "cn-northwest-1",
	}},
	{"aws-eusc", []string{
		"eusc-de-east-1",
	}},
	{"aws-iso", []string{
		"us-iso-east-1", "us-iso-west-1",
	}},
	{"aws-iso-b", []string{
		"us-isob-east-1", "us-isob-west-1",
	}},
	{"aws-iso-e", []string{
		"eu-isoe-west-1",
	}},
	{"aws-iso-f", []string{
		"us-isof-east-1", "us-isof-south-1",
	}},
	{"aws-us-gov", []string{
		"us-gov-east-1", "us-gov-west-1",
	}},
}

// Published reports whether AWS has published a region of this name in any partition.
func Published(name string) bool {
	return slices.ContainsFunc(partitions, func(p partition) bool { return slices.Contains(p.regions, name) })
}

// PublishedRegions are the regions that AWS has published in a partition.
func PublishedRegions(id string) []string {
	for _, p := range partitions {
		if p.id == id {
			return slices.Clone(p.regions)
		}
	}
	return nil
}

// AllPublished are the regions that AWS has published in any partition.
func AllPublished() []string {
	var all []string
	for _, p := range partitions {
		all = append(all, p.regions...)
	}
	return all
}
