// Package comparisons holds the sample content that the program ships: a
// week of comparisons for the demo and for a first look at a digest. Facts
// about the tools are real, the reviewers' takes are invented.
package comparisons

import "embed"

// FS holds the samples, one YAML file each, as comparison.LoadFS reads them.
//
//go:embed *.yaml
var FS embed.FS
