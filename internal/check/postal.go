package check

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// exampleAddress is the one of the settings' example: no one's.
const exampleAddress = "1 Example Street, Exampleton"

// postal checks the physical address that 16 CFR 316.5 (CAN-SPAM) asks for.
func (r *report) postal(d *document, m Mail) {
	const check, fix = "postal-address", "set site.postal_address"
	address := squeezed(m.Site.PostalAddress)
	var lacking []string
	if !strings.Contains(squeezed(m.Rendered.Text), address) {
		lacking = append(lacking, "the text part")
	}
	bodies := d.named("body")
	if !slices.ContainsFunc(bodies, func(b *html.Node) bool { return strings.Contains(squeezed(textOf(b)), address) }) {
		lacking = append(lacking, "the HTML")
	}
	switch {
	case address == "":
		r.addWarn(check, fix, "there is no postal address; the law asks for one in bulk mail")
	case len(lacking) > 0:
		r.addFail(check, "put the address into the templates", "%s does not show the postal address", strings.Join(lacking, " and "))
	case strings.Contains(m.Site.PostalAddress, exampleAddress):
		r.addWarn(check, fix, "the postal address is the example's; the law asks for yours in bulk mail")
	default:
		r.addPass(check, "both parts show the postal address")
	}
}

// squeezed drops white space, because a text part breaks lines in scripts
// without spaces, too.
func squeezed(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return -1
		}
		return c
	}, s)
}

func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }
