package comparison

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A toolName is one name taken apart.
type toolName struct {
	words    string   // identifying words, joined
	versions []string // in the order of the name: "3.5", "4o"
	sizes    string   // "2b"
	maker    string
	by       bool   // the maker stood behind "by", so it may be any name
	variant  string // "ai", "preview", …: perhaps a product of its own
	note     string // the rest of what stood in brackets
	dotAI    bool   // written as a domain that ends in .ai
}

var (
	domainEnding = regexp.MustCompile(`([\pL\pN])\.(ai|app|chat|co|com|dev|io|me|net|new|org|sh|so|tech)($|[^\pL\pN])`)
	sizeForm     = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?(x[0-9]+(\.[0-9]+)?)?[bm]$`)
	versionForm  = regexp.MustCompile(`^v?[0-9]+(\.[0-9]+)*\pL?$`)
	yearForm     = regexp.MustCompile(`^(19|20)[0-9]{2}$`)
	endsInNumber = regexp.MustCompile(`^(\pL+?)v?([0-9]+(?:\.[0-9]+)*)$`)

	brackets = regexp.MustCompile(`[(\[（]([^)\]）]*)[)\]）]`)
	byMaker  = regexp.MustCompile(`(?i)(?:^|\s)(?:by|from)\s+([^()\[\]（）,]+?)\s*$`)
	// An alias begins behind one of these words; the second form is for brackets only.
	aliasWord      = regexp.MustCompile(`(?i)\s*[→⇒]\s*|\s+->\s+|[\s,;/–—-]+(?:(?:formerly|previously|originally|also|now)\s+(?:known\s+as|called|named)|formerly|previously|originally|prev\.|f/?k/?a|a\.?k\.?a\.?|renamed\s+(?:to|from)|rebranded\s+as)[:\s]+`)
	aliasInBracket = regexp.MustCompile(`(?i)^\s*(?:(?:formerly|previously|originally|also|now)\s+(?:known\s+as|called|named)|formerly|previously|originally|prev\.|f/?k/?a|a\.?k\.?a\.?|renamed\s+(?:to|from)|rebranded\s+as|was|now|ex|née)[:\s-]+`)
)

// filler is words for the kind of thing, never for which one.
var filler = wordSet(`app application apps coding corp editor framework gmbh ide inc library
	llc llm ltd model official platform software the tool toolkit tools`)

// variants may be a product of their own beside the one without the word, or
// the same in its maker's full name.
var variants = wordSet(`ai alpha beta experimental nightly preview`)

// makers are companies whose name is often put before a product's. Two words
// are written as one, as they are after joining.
var makers = wordSet(`adobe alibaba amazon anthropic apple atlassian aws baidu bytedance deepmind github google
	googledeepmind huggingface ibm jetbrains meta microsoft mistralai moonshot moonshotai nvidia openai tencent vercel xai`)

// oneMaker gives makers that go by several names one.
var oneMaker = map[string]string{
	"aws": "amazon", "amazonwebservices": "amazon", "deepmind": "google", "googledeepmind": "google", "facebook": "meta", "moonshotai": "moonshot",
}

func maker(name string) string {
	if one, ok := oneMaker[name]; ok {
		return one
	}
	return name
}

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}

// readNames takes a name and its aliases apart.
func readNames(name string) toolNames {
	var aliases []string
	var notes []string
	bare := brackets.ReplaceAllStringFunc(name, func(whole string) string {
		inside := brackets.FindStringSubmatch(whole)[1]
		if at := aliasInBracket.FindStringIndex(inside); at != nil {
			aliases = append(aliases, inside[at[1]:])
		} else {
			notes = append(notes, inside)
		}
		return " "
	})
	for at := aliasWord.FindStringIndex(bare); at != nil; at = aliasWord.FindStringIndex(bare) {
		aliases = append(aliases, bare[at[1]:])
		bare = bare[:at[0]]
	}
	if strings.TrimSpace(bare) == "" { // nothing but brackets
		return toolNames{readName(name, nil)}
	}
	names := toolNames{readName(bare, notes)}
	for _, alias := range aliases {
		if alias = strings.TrimSpace(alias); alias != "" {
			names = append(names, readName(alias, nil))
		}
	}
	return names
}

// readName takes a name apart; notes are what stood in brackets behind it.
func readName(name string, notes []string) toolName {
	var n toolName
	name = n.takeMaker(name)
	n.dotAI = strings.Contains(strings.ToLower(name), ".ai")
	kept := n.take(nameFields(name), true)
	for _, note := range notes {
		if note = n.takeMaker(note); note != "" {
			n.takeNote(nameFields(note))
		}
	}
	n.words = strings.Join(kept, "")
	if n.words == "" && len(n.versions) == 0 { // "AI Tool", "Meta"
		return toolName{words: strings.Join(nameFields(name), ""), maker: n.byOnly()}
	}
	return n
}

// takeNote takes what stood in brackets: a version by itself is the tool's, a year
// or a number among words, "(YC S24)", is a remark.
func (n *toolName) takeNote(fields []string) {
	before := len(n.versions)
	rest := strings.Join(n.take(fields, n.maker == ""), "")
	added := n.versions[before:]
	if rest != "" || slices.ContainsFunc(added, yearForm.MatchString) {
		rest += strings.Join(added, "")
		n.versions = n.versions[:before]
	}
	n.note += rest
}

func (n *toolName) byOnly() string {
	if n.by {
		return n.maker
	}
	return ""
}

// takeMaker cuts "by OpenAI" off a name's end.
func (n *toolName) takeMaker(name string) string {
	at := byMaker.FindStringSubmatchIndex(name)
	if at == nil || at[0] == 0 && strings.TrimSpace(name[at[2]:at[3]]) == "" {
		return name
	}
	n.maker, n.by = maker(strings.Join(nameFields(name[at[2]:at[3]]), "")), true
	return name[:at[0]]
}

// take sorts words into what they say and returns those that identify.
func (n *toolName) take(fields []string, lead bool) (kept []string) {
	for i := 0; i < len(fields); i++ {
		word := fields[i]
		two := word
		if i+1 < len(fields) {
			two += fields[i+1]
		}
		switch {
		case lead && n.maker == "" && i == 0 && two != word && makers[two]: // Hugging Face
			n.maker = maker(two)
			i++
		case lead && n.maker == "" && i == 0 && makers[word]:
			n.maker = maker(word)
		case filler[word]:
		case variants[word]:
			n.variant += word
		case sizeForm.MatchString(word):
			n.sizes += " " + word
		case versionForm.MatchString(word):
			n.versions = append(n.versions, version(word))
		default:
			stem, number := splitNumber(word)
			kept = append(kept, stem)
			n.versions = append(n.versions, number...)
		}
	}
	return kept
}

func (n toolName) match(o toolName) Match {
	if n.isBracketed(o) || o.isBracketed(n) {
		n.words, n.note, o.words, o.note = n.words+n.note, "", o.words+o.note, ""
	}
	switch {
	case n.words != o.words && !n.isByline(o) && !o.isByline(n),
		strings.Join(n.versions, ".") != strings.Join(o.versions, "."), // Opus 4-1 is Opus 4.1
		n.sizes != "" && o.sizes != "" && n.sizes != o.sizes,
		n.words == o.words && n.maker != "" && o.maker != "" && n.maker != o.maker,
		n.note != "" && o.note != "" && n.note != o.note:
		return Different
	case n.note != o.note, n.variant != o.variant && !n.isDomainOf(o) && !o.isDomainOf(n):
		return Doubtful
	}
	return Same
}

// isBracketed reports whether n is "Gemini (CLI)" where o is "Gemini CLI".
func (n toolName) isBracketed(o toolName) bool {
	return n.note != "" && o.note == "" && n.words+n.note == o.words
}

// isByline reports whether n is "Skills by Karpathy" where o is "Karpathy
// Skills": there the program need not know the maker.
func (n toolName) isByline(o toolName) bool { return n.by && n.maker+n.words == o.words }

// isDomainOf reports whether n is "character.ai" where o is "Character AI".
func (n toolName) isDomainOf(o toolName) bool { return n.dotAI && n.variant == "" && o.variant == "ai" }

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

// tradeMarks takes off what would become letters.
var tradeMarks = strings.NewReplacer("™", " ", "℠", " ")

// nameFields splits a name into lower-case words without accents. A dot stays
// between digits, + and # stay for C++ and C#.
func nameFields(name string) []string {
	folded := norm.NFKD.String(strings.ToLower(norm.NFKC.String(tradeMarks.Replace(name))))
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
