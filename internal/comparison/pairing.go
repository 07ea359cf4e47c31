package comparison

// A Match says how sure it is that two pairings, or two tools, are the same.
type Match int

// The answers, from the least to the most alike.
const (
	Different Match = iota
	Doubtful        // only a person can tell: neither is dropped, the editor is asked
	Same
)

// MatchPairings says how far two comparisons set the same two tools side by
// side, in either order, though they may write the names differently: a is
// SmolVLM2-2B vs Karpathy Skills, b is Karpathy Coding Skills vs SmolVLM2.
//
// The rule splits a name into what identifies the tool and what only qualifies
// it. Case, accents, spaces, hyphens and dots do not count.
//
//   - Identity must be equal: every word that is not named below, joined
//     together (ChatGPT is Chat GPT), and every version (GPT-4 is not GPT-5,
//     GPT-4o or GPT). So words that tell a family's members apart always count:
//     Code, CLI, Mini, Pro, Flash, Sonnet, Agent.
//   - An alias is another name of the same tool: "Windsurf (formerly Codeium)"
//     is Windsurf and is Codeium.
//   - A qualifier may be given by one name only, but where both give one it must
//     be equal: the size of a model (2B, 8x7B, 500M) and its maker (OpenAI Codex
//     and "Codex by OpenAI" are Codex, but Microsoft Copilot is not GitHub
//     Copilot).
//   - A variant is doubtful where one name gives it and the other does not: AI,
//     preview, beta and the like (Cursor AI is Cursor, Notion AI is not Notion;
//     o1-preview is not o1), and a remark in brackets.
//   - Filler says what kind of thing it is and never counts: app, tool, coding,
//     editor, the, and a domain's ending (Bolt.new is Bolt).
//
// It errs on the side of two different tools: a digest may repeat a pairing,
// but must not keep a comparison from its readers that they have not seen.
// Being the same is not transitive: Llama 3 is both Llama 3 8B and Llama 3 70B.
func MatchPairings(a, b [2]string) Match {
	a0, a1 := readNames(a[0]), readNames(a[1])
	b0, b1 := readNames(b[0]), readNames(b[1])
	return max(min(a0.match(b0), a1.match(b1)), min(a0.match(b1), a1.match(b0)))
}

// SamePairing reports whether two comparisons certainly set the same two tools
// side by side.
func SamePairing(a, b [2]string) bool { return MatchPairings(a, b) == Same }

// toolNames are the names of one tool: its name and its aliases.
type toolNames []toolName

// match is the best match of any two of the names.
func (n toolNames) match(o toolNames) Match {
	best := Different
	for _, a := range n {
		for _, b := range o {
			best = max(best, a.match(b))
		}
	}
	return best
}
