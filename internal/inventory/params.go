package inventory

// AccountIDs is a Param's list of accounts, of twelve digits each. The configuration reads each kind of list by its form.
type AccountIDs []string

// OrganizationIDs is a Param's list of organizations: o-... each.
type OrganizationIDs []string

// ARNPatterns is a Param's list of ARNs, in which * stands for any characters and ? for one.
type ARNPatterns []string
