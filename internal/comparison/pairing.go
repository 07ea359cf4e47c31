package comparison

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// SamePairing reports whether two comparisons set the same two tools side by
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
//   - A qualifier may be given by one name only, but where both give one it must
//     be equal: the size of a model (2B, 8x7B, 500M) and its maker (OpenAI Codex
//     is Codex, but Microsoft Copilot is not GitHub Copilot).
//   - Filler says what kind of thing it is and never counts: AI, app, tool,
//     coding, editor, the, beta, and a domain's ending (Bolt.new is Bolt).
//
// It errs on the side of two different tools: a digest may repeat a pairing,
// but must not keep a comparison from its readers that they have not seen.
// Being the same is not transitive: Llama 3 is both Llama 3 8B and Llama 3 70B.
func SamePairing(a, b [2]string) bool {
	a0, a1 := readName(a[0]), readName(a[1])
	b0, b1 := readName(b[0]), readName(b[1])
	return a0.same(b0) && a1.same(b1) || a0.same(b1) && a1.same(b0)
}

// A toolName is a name taken apart.
type toolName struct {
	words    string   // identifying words, joined
	versions []string // in the order of the name: "3.5", "4o"
	sizes    []string // "2b"
	maker    string
}

func (n toolName) same(o toolName) bool {
	return n.words == o.words &&
		slices.Equal(n.versions, o.versions) &&
		(len(n.sizes) == 0 || len(o.sizes) == 0 || slices.Equal(n.sizes, o.sizes)) &&
		(n.maker == "" || o.maker == "" || n.maker == o.maker)
}

var (
	domainEnding = regexp.MustCompile(`([\pL\pN])\.(ai|app|chat|co|com|dev|io|me|net|new|org|sh|so|tech)($|[^\pL\pN])`)
	sizeForm     = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?(x[0-9]+(\.[0-9]+)?)?[bm]$`)
	versionForm  = regexp.MustCompile(`^v?[0-9]+(\.[0-9]+)*\pL?$`)
	endsInNumber = regexp.MustCompile(`^(\pL+?)v?([0-9]+(?:\.[0-9]+)*)$`)
)

// filler is words for the kind of thing, never for which one.
var filler = wordSet(`ai app application apps beta coding editor framework ide
	library llm model official platform preview software the tool toolkit tools`)

// makers are companies whose name is often put before a product's. Two words
// are written as one, as they are after joining.
var makers = wordSet(`alibaba amazon anthropic apple aws deepmind github google
	huggingface ibm jetbrains meta microsoft mistralai nvidia openai tencent xai`)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}

// readName takes a name apart. A name of nothing but filler or a maker ("AI
// Tool", "Meta") is identified by it.
func readName(name string) toolName {
	fields := nameFields(name)
	var n toolName
	var kept []string
	for i := 0; i < len(fields); i++ {
		word := fields[i]
		two := word
		if i+1 < len(fields) {
			two += fields[i+1]
		}
		switch {
		case n.maker == "" && i == 0 && makers[two]: // Hugging Face
			n.maker = two
			if two != word {
				i++
			}
		case n.maker == "" && i == 0 && makers[word]:
			n.maker = word
		case filler[word]:
		case sizeForm.MatchString(word):
			n.sizes = append(n.sizes, word)
		case versionForm.MatchString(word):
			n.versions = append(n.versions, version(word))
		default:
			stem, number := splitNumber(word)
			kept = append(kept, stem)
			n.versions = append(n.versions, number...)
		}
	}
	n.words = strings.Join(kept, "")
	if n.words == "" && len(n.versions) == 0 {
		return toolName{words: strings.Join(fields, "")}
	}
	return n
}

// splitNumber takes the version off a word's end: SmolVLM2, GPT4, o3.
func splitNumber(word string) (stem string, number []string) {
	if m := endsInNumber.FindStringSubmatch(word); m != nil {
		return m[1], []string{version(m[2])}
	}
	return word, nil
}

// version is a number without the "v" before it and zeroes behind it: v2.0 is 2.
func version(s string) string {
	s = strings.TrimPrefix(s, "v")
	for strings.HasSuffix(s, ".0") {
		s = strings.TrimSuffix(s, ".0")
	}
	return s
}

// nameFields splits a name into lower-case words without accents. A dot stays
// between digits, + and # stay for C++ and C#.
func nameFields(name string) []string {
	folded := norm.NFKD.String(strings.ToLower(norm.NFKC.String(name)))
	folded = domainEnding.ReplaceAllString(folded, "$1 $3")
	runes := []rune(folded)
	var b strings.Builder
	for i, r := range runes {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '+', r == '#':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’': // nothing, so that Karpathy's stays one word
		case r == '.' && i > 0 && i+1 < len(runes) && unicode.IsDigit(runes[i-1]) && unicode.IsDigit(runes[i+1]):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	fields := strings.Fields(b.String())
	if len(fields) == 0 { // a name of symbols only
		return []string{name}
	}
	return fields
}
