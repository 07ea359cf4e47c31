package comparison

import "testing"

func TestSamePairing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b [2]string
		want bool
	}{
		// One pairing, written differently.
		{[2]string{"SmolVLM2-2B", "Karpathy Skills"}, [2]string{"Karpathy Coding Skills", "SmolVLM2"}, true},
		{[2]string{"SmolVLM2-2B", "Karpathy Skills"}, [2]string{"SmolVLM2", "Karpathy Coding Skills"}, true},
		{[2]string{"Cursor", "Copilot"}, [2]string{"Copilot", "Cursor"}, true},
		{[2]string{"Cursor", "GitHub Copilot"}, [2]string{"Copilot", "cursor"}, true},
		{[2]string{"Cursor AI", "Windsurf Editor"}, [2]string{"Windsurf", "Cursor"}, true},
		{[2]string{"GPT-4", "Claude 3"}, [2]string{"Claude-3", "GPT 4"}, true},
		{[2]string{"GPT4", "Claude3"}, [2]string{"GPT-4", "Claude 3"}, true},
		{[2]string{"ChatGPT", "Claude"}, [2]string{"Claude", "Chat GPT"}, true},
		{[2]string{"Claude 4 Sonnet", "GPT-5"}, [2]string{"GPT-5", "Claude Sonnet 4"}, true},
		{[2]string{"Llama 3 8B", "Mistral 7B"}, [2]string{"Mistral", "Llama 3"}, true},
		{[2]string{"Llama 3 8B", "Qwen2-VL"}, [2]string{"Qwen2 VL", "Meta Llama 3"}, true},
		{[2]string{"Bolt.new", "Lovable.dev"}, [2]string{"Lovable", "Bolt"}, true},
		{[2]string{"v0", "Bolt"}, [2]string{"v0.dev", "Bolt.new"}, true},
		{[2]string{"OpenAI Codex", "Claude Code"}, [2]string{"Codex", "Anthropic Claude Code"}, true},
		{[2]string{"Hugging Face SmolVLM2", "Moondream"}, [2]string{"SmolVLM2 2.2B", "moondream"}, true},
		{[2]string{"Phi-3.0", "Gemma 2"}, [2]string{"Phi 3", "Gemma v2"}, true},
		{[2]string{"Café Chat", "Zed"}, [2]string{"Cafe Chat", "Zed"}, true},
		{[2]string{"Karpathy’s Skills", "Zed"}, [2]string{"Karpathys Skills", "Zed"}, true},
		{[2]string{"AI Tool", "Zed"}, [2]string{"AI Tool", "Zed"}, true},
		{[2]string{"Antigravity (Preview)", "Zed"}, [2]string{"Google Antigravity", "Zed"}, true},
		{[2]string{"通义灵码", "Cursor"}, [2]string{"Cursor", "通义灵码"}, true},
		{[2]string{"Mixtral 8x7B", "Phi-3"}, [2]string{"Phi-3", "Mixtral"}, true},

		// Different tools or different versions.
		{[2]string{"GPT-4", "Claude 3"}, [2]string{"GPT-5", "Claude 4"}, false},
		{[2]string{"GPT-4", "Claude 3"}, [2]string{"GPT-4", "Claude 4"}, false},
		{[2]string{"GPT-4", "Claude 3"}, [2]string{"GPT-4o", "Claude 3"}, false},
		{[2]string{"GPT-4o", "Claude 3"}, [2]string{"GPT-4o mini", "Claude 3"}, false},
		{[2]string{"GPT-4", "Claude"}, [2]string{"GPT", "Claude"}, false},
		{[2]string{"Claude 3", "Claude 4"}, [2]string{"Claude 4", "Claude 5"}, false},
		{[2]string{"Claude 3.5 Sonnet", "GPT-4"}, [2]string{"Claude 3.7 Sonnet", "GPT-4"}, false},
		{[2]string{"Claude Sonnet 4", "GPT-4"}, [2]string{"Claude Opus 4", "GPT-4"}, false},
		{[2]string{"Llama 3 8B", "Mistral 7B"}, [2]string{"Llama 3 70B", "Mistral 7B"}, false},
		{[2]string{"Llama 3 8B", "Zed"}, [2]string{"Llama 3.1 8B", "Zed"}, false},
		{[2]string{"Mixtral 8x7B", "Phi-3"}, [2]string{"Mixtral 8x22B", "Phi-3"}, false},
		{[2]string{"Claude Code", "Cursor"}, [2]string{"Claude", "Cursor"}, false},
		{[2]string{"Gemini CLI", "Cursor"}, [2]string{"Gemini Code Assist", "Cursor"}, false},
		{[2]string{"Gemini CLI", "Cursor"}, [2]string{"Gemini", "Cursor"}, false},
		{[2]string{"Cursor", "Zed"}, [2]string{"GitHub Copilot", "Zed"}, false},
		{[2]string{"Microsoft Copilot", "Zed"}, [2]string{"GitHub Copilot", "Zed"}, false},
		{[2]string{"Cursor", "Copilot"}, [2]string{"Cursor", "Windsurf"}, false},
		{[2]string{"Cursor", "Cursor"}, [2]string{"Cursor", "Windsurf"}, false},
		{[2]string{"Gemini 2.5 Flash", "GPT-5"}, [2]string{"Gemini 2.5 Pro", "GPT-5"}, false},
		{[2]string{"Stable Diffusion", "Runway"}, [2]string{"Stable Video Diffusion", "Runway"}, false},
		{[2]string{"Replit", "Devin"}, [2]string{"Replit Agent", "Devin"}, false},
		{[2]string{"o1", "Claude"}, [2]string{"o3", "Claude"}, false},
		{[2]string{"C++ Insights", "Zed"}, [2]string{"C Insights", "Zed"}, false},
		{[2]string{"Qwen2-VL-2B", "Moondream"}, [2]string{"Qwen2.5-VL", "Moondream"}, false},
		{[2]string{"Meta AI", "Zed"}, [2]string{"Google AI", "Zed"}, false},
		{[2]string{"SmolVLM", "Zed"}, [2]string{"SmolVLM2", "Zed"}, false},
		{[2]string{"Karpathy Skills", "Zed"}, [2]string{"Superpowers Skills", "Zed"}, false},
		{[2]string{"🦙", "Zed"}, [2]string{"🐪", "Zed"}, false},
	}
	for _, tt := range tests {
		for _, a := range [][2]string{tt.a, {tt.a[1], tt.a[0]}} {
			if got := SamePairing(a, tt.b); got != tt.want {
				t.Errorf("SamePairing(%q, %q): got %v, want %v (%+v %+v | %+v %+v)", a, tt.b, got, tt.want,
					readName(a[0]), readName(a[1]), readName(tt.b[0]), readName(tt.b[1]))
			}
			if got := SamePairing(tt.b, a); got != tt.want {
				t.Errorf("SamePairing(%q, %q): got %v, want %v; it must not depend on which comes first", tt.b, a, got, tt.want)
			}
		}
	}
}
