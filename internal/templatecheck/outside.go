package templatecheck

import (
	"fmt"
	"regexp"
	"strings"
	"text/template/parse"
)

var comment = regexp.MustCompile(`(?s)<!--.*?-->`)

// Outside says what a file has outside of its blocks. Where the blocks alone are shown
// it would be lost without a word. Comments are no loss.
func Outside(tree *parse.Tree) error {
	if tree == nil || tree.Root == nil {
		return nil
	}
	for _, n := range tree.Root.Nodes {
		text, isText := n.(*parse.TextNode)
		if isText && strings.TrimSpace(comment.ReplaceAllString(string(text.Text), "")) == "" {
			continue
		}
		place, _ := tree.ErrorContext(n)
		return fmt.Errorf("%s: this stands outside of every {{define}} and is never shown; put it into a block, such as {{define \"content\"}}", place)
	}
	return nil
}
