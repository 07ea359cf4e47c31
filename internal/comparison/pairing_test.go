package comparison

import "testing"

func TestMatchPairings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b [2]string
		want Match
	}{
		// One pairing, written differently.
		{[2]string{"SmolVLM2-2B", "Karpathy Skills"}, [2]string{"Karpathy Coding Skills", "SmolVLM2"}, Same},
		{[2]string{"SmolVLM2-2B", "Karpathy Skills"}, [2]string{"SmolVLM2", "Karpathy Coding Skills"}, Same},
		{[2]string{"Cursor", "Copilot"}, [2]string{"Copilot", "Cursor"}, Same},
		{[2]string{"Cursor", "GitHub Copilot"}, [2]string{"Copilot", "cursor"}, Same},
		{[2]string{"Cursor", "Windsurf Editor"}, [2]string{"Windsurf", "Cursor"}, Same},
		{[2]string{"GPT-4", "Claude 3"}, [2]string{"Claude-3", "GPT 4"}, Same},
		{[2]string{"GPT4", "Claude3"}, [2]string{"GPT-4", "Claude 3"}, Same},
		{[2]string{"ChatGPT", "Claude"}, [2]string{"Claude", "Chat GPT"}, Same},
		{[2]string{"Claude 4 Sonnet", "GPT-5"}, [2]string{"GPT-5", "Claude Sonnet 4"}, Same},
		{[2]string{"Llama 3 8B", "Mistral 7B"}, [2]string{"Mistral", "Llama 3"}, Same},
		{[2]string{"Llama 3 8B", "Qwen2-VL"}, [2]string{"Qwen2 VL", "Meta Llama 3"}, Same},
		{[2]string{"Bolt.new", "Lovable.dev"}, [2]string{"Lovable", "Bolt"}, Same},
		{[2]string{"v0", "Bolt"}, [2]string{"v0.dev", "Bolt.new"}, Same},
		{[2]string{"OpenAI Codex", "Claude Code"}, [2]string{"Codex", "Anthropic Claude Code"}, Same},
		{[2]string{"Hugging Face SmolVLM2", "Moondream"}, [2]string{"SmolVLM2 2.2B", "moondream"}, Same},
		{[2]string{"Phi-3.0", "Gemma 2"}, [2]string{"Phi 3", "Gemma v2"}, Same},
		{[2]string{"Café Chat", "Zed"}, [2]string{"Cafe Chat", "Zed"}, Same},
		{[2]string{"Karpathy’s Skills", "Zed"}, [2]string{"Karpathys Skills", "Zed"}, Same},
		{[2]string{"AI Tool", "Zed"}, [2]string{"AI Tool", "Zed"}, Same},
		{[2]string{"Antigravity (Google)", "Zed"}, [2]string{"Google Antigravity", "Zed"}, Same},
		{[2]string{"Windsurf (formerly Codeium)", "Zed"}, [2]string{"Windsurf", "Zed"}, Same},
		{[2]string{"Windsurf (formerly Codeium)", "Zed"}, [2]string{"Codeium", "Zed"}, Same},
		{[2]string{"Windsurf, previously known as Codeium", "Zed"}, [2]string{"Codeium", "Zed"}, Same},
		{[2]string{"Codeium (now Windsurf)", "Zed"}, [2]string{"Windsurf", "Zed"}, Same},
		{[2]string{"Windsurf aka Codeium", "Zed"}, [2]string{"Windsurf (ex-Codeium)", "Zed"}, Same},
		{[2]string{"Codex by OpenAI", "Zed"}, [2]string{"OpenAI Codex", "Zed"}, Same},
		{[2]string{"Codex (by OpenAI)", "Zed"}, [2]string{"Codex", "Zed"}, Same},
		{[2]string{"Skills by Karpathy", "Zed"}, [2]string{"Karpathy Skills", "Zed"}, Same},
		{[2]string{"Skills by Karpathy", "Zed"}, [2]string{"Skills by Karpathy", "Zed"}, Same},
		{[2]string{"Llama 3 (8B)", "Zed"}, [2]string{"Llama 3 8B", "Zed"}, Same},
		{[2]string{"Notion AI", "Zed"}, [2]string{"notion ai", "Zed"}, Same},
		{[2]string{"character.ai", "Zed"}, [2]string{"Character AI", "Zed"}, Same},
		{[2]string{"Antigravity (Preview)", "Zed"}, [2]string{"Google Antigravity Preview", "Zed"}, Same},
		{[2]string{"FLUX.1 [dev]", "Zed"}, [2]string{"FLUX.1 dev", "Zed"}, Same},
		{[2]string{"Gemini (CLI)", "Zed"}, [2]string{"Google Gemini CLI", "Zed"}, Same},
		{[2]string{"claude-opus-4-1", "Zed"}, [2]string{"Claude Opus 4.1", "Zed"}, Same},
		{[2]string{"Foo™ Pro", "Zed"}, [2]string{"Foo Pro", "Zed"}, Same},
		{[2]string{"Kiro (AWS)", "Zed"}, [2]string{"Amazon Kiro", "Zed"}, Same},
		{[2]string{"Veo 3 by Google DeepMind", "Zed"}, [2]string{"Google Veo 3", "Zed"}, Same},
		{[2]string{"Moonshot AI Kimi K2", "Zed"}, [2]string{"Kimi K2", "Zed"}, Same},
		{[2]string{"Adobe Firefly", "Zed"}, [2]string{"Firefly", "Zed"}, Same},
		{[2]string{"v0 by Vercel", "Zed"}, [2]string{"Vercel v0", "Zed"}, Same},
		{[2]string{"Cline (prev. Claude Dev)", "Zed"}, [2]string{"Claude Dev", "Zed"}, Same},
		{[2]string{"Claude Dev → Cline", "Zed"}, [2]string{"Cline", "Zed"}, Same},
		{[2]string{"Jasper (originally Jarvis)", "Zed"}, [2]string{"Jarvis", "Zed"}, Same},

		// Perhaps one, perhaps two.
		{[2]string{"Notion AI", "Zed"}, [2]string{"Notion", "Zed"}, Doubtful},
		{[2]string{"Foo (2026)", "Zed"}, [2]string{"Foo", "Zed"}, Doubtful},
		{[2]string{"Foo (YC S24)", "Zed"}, [2]string{"Foo", "Zed"}, Doubtful},
		{[2]string{"Foo (v2)", "Zed"}, [2]string{"Foo 2", "Zed"}, Same},
		{[2]string{"Foo (v2)", "Zed"}, [2]string{"Foo", "Zed"}, Different},
		{[2]string{"Foo, Inc.", "Zed"}, [2]string{"Foo", "Zed"}, Same},
		{[2]string{"Foo GmbH", "Zed"}, [2]string{"Foo", "Zed"}, Same},
		{[2]string{"Cursor AI", "Windsurf Editor"}, [2]string{"Windsurf", "Cursor"}, Doubtful},
		{[2]string{"o1-preview", "Zed"}, [2]string{"o1", "Zed"}, Doubtful},
		{[2]string{"Antigravity (Preview)", "Zed"}, [2]string{"Google Antigravity", "Zed"}, Doubtful},
		{[2]string{"Grok 3 beta", "Zed"}, [2]string{"Grok 3", "Zed"}, Doubtful},
		{[2]string{"Foo Preview", "Zed"}, [2]string{"Foo Beta", "Zed"}, Doubtful},
		{[2]string{"Gemini (CLI)", "Zed"}, [2]string{"Gemini", "Zed"}, Doubtful},
		{[2]string{"Cursor AI", "Notion AI"}, [2]string{"Cursor", "Notion"}, Doubtful},
		{[2]string{"通义灵码", "Cursor"}, [2]string{"Cursor", "通义灵码"}, Same},
		{[2]string{"Mixtral 8x7B", "Phi-3"}, [2]string{"Phi-3", "Mixtral"}, Same},

		// Different tools or different versions.
		{[2]string{"GPT-4", "Claude 3"}, [2]string{"GPT-5", "Claude 4"}, Different},
		{[2]string{"GPT-4", "Claude 3"}, [2]string{"GPT-4", "Claude 4"}, Different},
		{[2]string{"GPT-4", "Claude 3"}, [2]string{"GPT-4o", "Claude 3"}, Different},
		{[2]string{"GPT-4o", "Claude 3"}, [2]string{"GPT-4o mini", "Claude 3"}, Different},
		{[2]string{"GPT-4", "Claude"}, [2]string{"GPT", "Claude"}, Different},
		{[2]string{"Claude 3", "Claude 4"}, [2]string{"Claude 4", "Claude 5"}, Different},
		{[2]string{"Claude 3.5 Sonnet", "GPT-4"}, [2]string{"Claude 3.7 Sonnet", "GPT-4"}, Different},
		{[2]string{"Claude Sonnet 4", "GPT-4"}, [2]string{"Claude Opus 4", "GPT-4"}, Different},
		{[2]string{"Llama 3 8B", "Mistral 7B"}, [2]string{"Llama 3 70B", "Mistral 7B"}, Different},
		{[2]string{"Llama 3 8B", "Zed"}, [2]string{"Llama 3.1 8B", "Zed"}, Different},
		{[2]string{"Mixtral 8x7B", "Phi-3"}, [2]string{"Mixtral 8x22B", "Phi-3"}, Different},
		{[2]string{"Claude Code", "Cursor"}, [2]string{"Claude", "Cursor"}, Different},
		{[2]string{"Gemini CLI", "Cursor"}, [2]string{"Gemini Code Assist", "Cursor"}, Different},
		{[2]string{"Gemini CLI", "Cursor"}, [2]string{"Gemini", "Cursor"}, Different},
		{[2]string{"Cursor", "Zed"}, [2]string{"GitHub Copilot", "Zed"}, Different},
		{[2]string{"Microsoft Copilot", "Zed"}, [2]string{"GitHub Copilot", "Zed"}, Different},
		{[2]string{"Cursor", "Copilot"}, [2]string{"Cursor", "Windsurf"}, Different},
		{[2]string{"Cursor", "Cursor"}, [2]string{"Cursor", "Windsurf"}, Different},
		{[2]string{"Gemini 2.5 Flash", "GPT-5"}, [2]string{"Gemini 2.5 Pro", "GPT-5"}, Different},
		{[2]string{"Stable Diffusion", "Runway"}, [2]string{"Stable Video Diffusion", "Runway"}, Different},
		{[2]string{"Replit", "Devin"}, [2]string{"Replit Agent", "Devin"}, Different},
		{[2]string{"o1", "Claude"}, [2]string{"o3", "Claude"}, Different},
		{[2]string{"C++ Insights", "Zed"}, [2]string{"C Insights", "Zed"}, Different},
		{[2]string{"Qwen2-VL-2B", "Moondream"}, [2]string{"Qwen2.5-VL", "Moondream"}, Different},
		{[2]string{"Meta AI", "Zed"}, [2]string{"Google AI", "Zed"}, Different},
		{[2]string{"SmolVLM", "Zed"}, [2]string{"SmolVLM2", "Zed"}, Different},
		{[2]string{"Karpathy Skills", "Zed"}, [2]string{"Superpowers Skills", "Zed"}, Different},
		{[2]string{"Cursor Pro", "Zed"}, [2]string{"Cursor", "Zed"}, Different},
		{[2]string{"Gemini 2.5 Pro Preview", "Zed"}, [2]string{"Gemini 2.5", "Zed"}, Different},
		{[2]string{"Notes by Acme", "Zed"}, [2]string{"Notes by Globex", "Zed"}, Different},
		{[2]string{"Copilot by Microsoft", "Zed"}, [2]string{"GitHub Copilot", "Zed"}, Different},
		{[2]string{"Gemini (CLI)", "Zed"}, [2]string{"Gemini (Code Assist)", "Zed"}, Different},
		{[2]string{"Llama 3 (8B)", "Zed"}, [2]string{"Llama 3 (70B)", "Zed"}, Different},
		{[2]string{"Windsurf (formerly Codeium)", "Zed"}, [2]string{"Cursor", "Zed"}, Different},
		{[2]string{"Notion AI", "Zed"}, [2]string{"Notion", "Cursor"}, Different},
		{[2]string{"Meta AI", "Zed"}, [2]string{"Meta", "Zed"}, Different},
		{[2]string{"FLUX.1 [dev]", "Zed"}, [2]string{"FLUX.1 [schnell]", "Zed"}, Different},
		{[2]string{"FLUX.1 [dev]", "Zed"}, [2]string{"FLUX.1 schnell", "Zed"}, Different},
		{[2]string{"Claude Opus 4", "Zed"}, [2]string{"claude-opus-4-1", "Zed"}, Different},
		{[2]string{"Cursor 1.10", "Zed"}, [2]string{"Cursor 1.1", "Zed"}, Different},
		{[2]string{"Bolt.new", "Zed"}, [2]string{"bolt.diy", "Zed"}, Different},
		{[2]string{"🦙", "Zed"}, [2]string{"🐪", "Zed"}, Different},
	}
	for _, tt := range tests {
		for _, a := range [][2]string{tt.a, {tt.a[1], tt.a[0]}} {
			if got := MatchPairings(a, tt.b); got != tt.want {
				t.Errorf("MatchPairings(%q, %q): got %v, want %v (%+v %+v | %+v %+v)", a, tt.b, got, tt.want,
					readNames(a[0]), readNames(a[1]), readNames(tt.b[0]), readNames(tt.b[1]))
			}
			if got := MatchPairings(tt.b, a); got != tt.want {
				t.Errorf("MatchPairings(%q, %q): got %v, want %v; it must not depend on which comes first", tt.b, a, got, tt.want)
			}
		}
	}
}
