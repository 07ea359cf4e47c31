package rendertest

import (
	"strings"

	"verdicts.example/digest/internal/comparison"
)

// Editions are editions with all that content can be, by name.
func Editions() map[string][]comparison.Comparison {
	return map[string][]comparison.Comparison{
		"five":           Numbered(5),
		"twelve":         Numbered(12),
		"long names":     with(longNames),
		"no votes":       with(noVotes),
		"one reviewer":   with(oneReviewer),
		"five reviewers": with(fiveReviewers),
		"right to left":  with(rightToLeft),
		"cjk":            with(cjk),
		"emoji":          with(emoji),
		"long words":     with(longWords),
		"unknown scores": with(unknownScores),
		"compact page":   with(compactPage),
		"nothing known":  {{Slug: "bare", Tools: [2]comparison.Tool{{Name: "First"}, {Name: "Second"}}}},
	}
}

// with gives an edition of one changed comparison.
func with(change func(*comparison.Comparison)) []comparison.Comparison {
	c := PageLike()
	change(&c)
	return []comparison.Comparison{c}
}

func longNames(c *comparison.Comparison) {
	c.Tools[0].Name = "The Extraordinarily Comprehensive Assistant for Everything That a Team Might Want to Write Down One Day"
	c.Tools[1].Name = "Another Tool Whose Makers Could Not Settle on a Short Name Either, Professional Edition for Enterprises"
	c.Tools[0].Tagline = strings.Repeat("A long promise that goes on. ", 20)
}

func noVotes(c *comparison.Comparison) {
	c.Tools[0].Community, c.Tools[1].Community = nil, &comparison.Votes{}
}

func oneReviewer(c *comparison.Comparison) {
	c.Tools[0].Reviews, c.Tools[1].Reviews = c.Tools[0].Reviews[:1], nil
}

func fiveReviewers(c *comparison.Comparison) {
	for i := range c.Tools {
		c.Tools[i].Reviews = nil
		for n, seat := range comparison.Reviewers() {
			c.Tools[i].Reviews = append(c.Tools[i].Reviews, Review(seat, 20*n, comparison.Skip, "Not for me. Not yet."))
		}
		c.Tools[i].Panel = Panel(0, 5)
	}
}

func rightToLeft(c *comparison.Comparison) {
	c.Tools[0].Name, c.Tools[0].Tagline = "מחברת חכמה", "כלי לכתיבת הערות שמבין את מה שנכתב בו"
	c.Tools[1].Name, c.Tools[1].Tagline = "مساعد الكتابة", "أداة تكتب معك وتسأل قبل أن تغير شيئا"
	c.Tools[1].Reviews[0].Take = "أداة بسيطة وسريعة. هل هي أفضل من غيرها؟ نعم، في معظم الأحيان."
}

func cjk(c *comparison.Comparison) {
	c.Tools[0].Name, c.Tools[0].Tagline = "かきくけノート", "書いたことを理解してくれるノートアプリ"
	c.Tools[1].Name, c.Tools[1].Tagline = "代码助手", "在修改之前先提问的编程助手"
	c.Tools[1].Reviews[0].Take = "这个工具很简单。它先提问，再修改代码。我在一个项目里用了一个星期，改动明显变小了。" + strings.Repeat("其余的部分也很好。", 40)
	c.Tools[0].Pricing = "無料プランあり、有料プランは月額二千円からで年払いの場合は二か月分が割引になります"
}

func emoji(c *comparison.Comparison) {
	c.Tools[0].Name, c.Tools[1].Name = "🚀 Rocket Notes 👩‍💻", "Café ☕️ Assistant 🇫🇷"
	c.Tools[0].Reviews[0].Take = "Works 🎉! Really 👍🏽. " + strings.Repeat("🧪", 60)
}

func longWords(c *comparison.Comparison) {
	c.Tools[0].Name = strings.Repeat("Donaudampfschiff", 6)
	c.Tools[0].Pricing = strings.Repeat("x", 180)
	c.Tools[0].Category = strings.Repeat("W", 75)
	c.Tools[1].Reviews[0].Take = strings.Repeat("y", 250) + "."
}

func unknownScores(c *comparison.Comparison) {
	for i := range c.Tools {
		for j := range c.Tools[i].Reviews {
			r := &c.Tools[i].Reviews[j]
			r.Score = nil
			if j%2 == 0 {
				r.Verdict = comparison.VerdictUnknown
			}
			if j > 1 {
				r.Reviewer = ""
			}
		}
	}
}

func compactPage(c *comparison.Comparison) {
	for i := range c.Tools {
		c.Tools[i].Panel = &comparison.Panel{Percent: ptr(50)}
		c.Tools[i].Pricing, c.Tools[i].BestFor = "", ""
		for j := range c.Tools[i].Reviews {
			r := &c.Tools[i].Reviews[j]
			r.Reviewer, r.Score, r.Verdict = "", nil, comparison.VerdictUnknown
		}
	}
}
