package comparison

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/strictyaml"
)

// FeedKey is the member of a JSON Feed item that holds the comparison, in the
// form that MarshalJSON writes (JSON Feed 1.1: extensions begin with "_").
const FeedKey = "_comparison"

// maxFeed bounds a feed's source in bytes.
const maxFeed = 5 << 20

// ParseFeed reads the comparisons of a JSON Feed (version 1 or 1.1) and what is
// wrong with the others; file is the feed's name or URL, for messages. An item
// without a comparison is another kind of news and ignored, unless no item has
// one. What the comparison leaves out and the item says is taken from there:
// url and date_published.
func ParseFeed(file string, src []byte) ([]Comparison, []Problem) {
	ps := problems{file: file}
	text, ok := readable(&ps, src, maxFeed)
	if !ok {
		return nil, ps.list
	}
	root := jsonTree(&ps, text)
	if root == nil {
		return nil, ps.list
	}
	items := feedItems(&ps, root)
	f := feedReader{problems: ps, bySlug: map[string]int{}}
	for i, item := range items {
		f.item(i, item)
	}
	if len(items) > 0 && f.carried == 0 {
		f.addf(root.Line, "items", "no item of this feed carries a comparison under %s; is it the right feed?", FeedKey)
	}
	return f.comparisons, f.sorted()
}

// feedItems checks that the root is a feed.
func feedItems(ps *problems, root *yaml.Node) []*yaml.Node {
	version, items := member(root, "version"), member(root, "items")
	switch {
	case version == nil || !strings.HasPrefix(version.Value, "https://jsonfeed.org/version/1"):
		ps.addf(root.Line, "version", "is not a JSON Feed: it has no version such as https://jsonfeed.org/version/1.1")
	case items == nil || items.Kind != yaml.SequenceNode:
		ps.addf(root.Line, "items", "is not a JSON Feed: it has no list of items")
	default:
		return items.Content
	}
	return nil
}

type feedReader struct {
	problems
	comparisons []Comparison
	carried     int            // items with a comparison, right or wrong
	bySlug      map[string]int // line of the comparison
}

func (f *feedReader) item(i int, item *yaml.Node) {
	n := member(item, FeedKey)
	if strictyaml.IsAbsent(n) {
		return
	}
	f.carried++
	inherit(n, "url", member(item, "url"))
	inherit(n, "published", member(item, "date_published"))
	c, list := fromTree(problems{file: f.file}, n, nil, func(Comparison) string { return "" }, requireDate)
	if line, twice := f.bySlug[c.Slug]; twice {
		list = append(list, Problem{f.file, c.Line("slug"), "slug", fmt.Sprintf("slug: %s is taken by the item in line %d", c.Slug, line)})
	}
	if len(list) == 0 {
		f.bySlug[c.Slug] = n.Line
		f.comparisons = append(f.comparisons, c)
		return
	}
	for _, p := range list {
		p.Field = strings.TrimSuffix(fmt.Sprintf("items[%d].%s.%s", i, FeedKey, p.Field), ".")
		p.Message = name(c, i) + ": " + p.Message
		f.list = append(f.list, p)
	}
}

// name tells people which item it is: a feed is often one long line.
func name(c Comparison, i int) string {
	if slugForm.MatchString(c.Slug) {
		return c.Slug
	}
	return fmt.Sprintf("item %d", i+1)
}

// inherit gives a mapping a key that it lacks.
func inherit(n *yaml.Node, key string, value *yaml.Node) {
	if n.Kind == yaml.MappingNode && member(n, key) == nil && !strictyaml.IsAbsent(value) {
		n.Content = append(n.Content, scalar(value.Line, "!!str", key), value)
	}
}

// member is the value of a mapping's key, nil when there is none.
func member(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
