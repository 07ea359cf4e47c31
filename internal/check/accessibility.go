package check

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

// accessibility checks what can be told from the tree (WCAG 2.2: 1.1.1, 1.3.1,
// 2.4.4, 2.4.6, 3.1.1).
func (r *report) accessibility(d *document) {
	r.addAll("a11y.lang", Fail, langDefects(d), "write lang and dir on html and on the body's wrapper (clients drop the html element)", "lang and dir are on html and on the body's wrapper")
	r.addAll("a11y.tables", Fail, tableDefects(d), `write role="presentation" on layout tables, and th with scope into data tables`, "every table is marked as layout or has headers")
	r.addAll("a11y.alt", Fail, altDefects(d), `write alt text, or alt="" on decoration`, "every image has alt text")
	r.addAll("a11y.headings", Warn, headingDefects(d), "use one h1, and skip no level", "the headings form an outline")
	r.addAll("a11y.links", Warn, linkTextDefects(d), "write link texts that say where they lead, by themselves", "every link's text stands alone")
	r.addAll("a11y.title", Warn, titleDefects(d), "write a title element", "the document has a title")
}

func langDefects(d *document) []defect {
	var out []defect
	for _, n := range d.named("html") {
		for _, key := range []string{"lang", "dir"} {
			if attr(n, key) == "" {
				out = append(out, at(n, "html has no "+key))
			}
		}
	}
	for _, body := range d.named("body") {
		wrapped := false
		for c := range body.Descendants() {
			if c.Type == html.ElementNode && attr(c, "lang") != "" && attr(c, "dir") != "" {
				wrapped = true
				break
			}
		}
		if !wrapped {
			out = append(out, at(body, "nothing within body has lang and dir"))
		}
	}
	return out
}

func tableDefects(d *document) []defect {
	var out []defect
	for _, t := range d.named("table") {
		headers := 0
		for c := range t.Descendants() {
			if c.Type == html.ElementNode && c.Data == "th" && nearestTable(c) == t {
				headers++
				if attr(c, "scope") == "" {
					out = append(out, at(c, place(c)+" has no scope"))
				}
			}
		}
		role := attr(t, "role")
		layout := role == "presentation" || role == "none"
		switch {
		case layout && headers > 0:
			out = append(out, at(t, place(t)+" is marked as layout but has headers"))
		case !layout && headers == 0:
			out = append(out, at(t, place(t)+" is neither layout nor has headers"))
		}
	}
	return out
}

func nearestTable(n *html.Node) *html.Node {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Type == html.ElementNode && p.Data == "table" {
			return p
		}
	}
	return nil
}

func altDefects(d *document) []defect {
	var out []defect
	for _, n := range d.named("img") {
		if _, ok := lookup(n, "alt"); !ok {
			out = append(out, at(n, "img "+attr(n, "src")+" has no alt"))
		}
	}
	return out
}

func headingDefects(d *document) []defect {
	var out []defect
	last, firsts := 0, 0
	for _, n := range d.named("h1", "h2", "h3", "h4", "h5", "h6") {
		level := int(n.Data[1] - '0')
		if level == 1 {
			firsts++
		}
		if level > last+1 {
			out = append(out, at(n, fmt.Sprintf("%s follows h%d", place(n), last)))
		}
		if textUpTo(n, 0) == "" {
			out = append(out, at(n, n.Data+" is empty"))
		}
		last = level
	}
	if firsts != 1 {
		out = append(out, says(fmt.Sprintf("there are %d h1 headings, and not one", firsts))...)
	}
	return out
}

// vague link texts say nothing when a screen reader lists the links.
func vague() []string {
	return []string{"click here", "here", "read more", "more", "link", "this", "learn more", "details", "go", "open"}
}

func linkTextDefects(d *document) []defect {
	var out []defect
	texts := map[string]string{}
	for _, n := range d.named("a") {
		href, ok := lookup(n, "href")
		if !ok {
			continue
		}
		text := strings.ToLower(textOf(n))
		if label := attr(n, "aria-label"); label != "" {
			text = strings.ToLower(label)
		}
		if text == "" {
			out = append(out, at(n, "the link to "+href+" has no text"))
			continue
		}
		for _, v := range vague() {
			if strings.Trim(text, " .…→»>") == v {
				out = append(out, at(n, place(n)+" does not say where it leads"))
			}
		}
		if other, seen := texts[text]; seen && other != href {
			out = append(out, at(n, "another link reads like "+place(n)+" and leads elsewhere"))
		}
		texts[text] = href
	}
	return out
}

func titleDefects(d *document) []defect {
	for _, n := range d.named("title") {
		if n.FirstChild != nil && strings.TrimSpace(n.FirstChild.Data) != "" {
			return nil
		}
	}
	return says("the document has no title")
}
