package picture_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/picture"
	"verdicts.example/digest/internal/wording"
)

func pair(a, b string, shipA, skipA int) wording.Comparison {
	return wording.Of(comparison.Comparison{Tools: [2]comparison.Tool{
		{Name: a, Panel: &comparison.Panel{Ship: &shipA, Skip: &skipA}}, {Name: b},
	}})
}

func drawn(t *testing.T, c wording.Comparison) ([]byte, image.Image) {
	t.Helper()
	p, err := picture.New("Weekly AI Tool Verdicts")
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.PNG(c)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return b, img
}

// Every comparison gets a picture of the size that was promised, with a clear margin
// at its right: go test -artifacts writes them.
func TestEveryNameFits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]wording.Comparison{
		"short":    pair("Cursor", "Windsurf", 3, 1),
		"long":     pair(strings.Repeat("An exceedingly long product name ", 40), "B", 0, 5),
		"one-word": pair(strings.Repeat("W", 5000), "B", 5, 0),
		"cjk":      pair("通义千问", "Cursor", 2, 2),
		"emoji":    pair("🚀 Rocket", "Ünïcödé naïve Ωmega", 4, 0),
		"arabic":   pair("أداة", "e\u0301clair\u202e", 4, 1),
		"empty":    pair("", "\x00\n", 4, 1),
	} {
		b, img := drawn(t, c)
		if got := img.Bounds().Size(); got != (image.Point{picture.Width, picture.Height}) {
			t.Errorf("%s: got %v", name, got)
		}
		if len(b) > 80_000 {
			t.Errorf("%s: got %d bytes, want at most 80,000", name, len(b))
		}
		for y := 20; y < picture.Height; y++ {
			for x := picture.Width - 60; x < picture.Width; x++ {
				if r, _, _, _ := img.At(x, y).RGBA(); r>>8 != 0xf7 {
					t.Fatalf("%s: got ink at %d,%d, want a clear margin", name, x, y)
				}
			}
		}
		if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".png"), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A name that the typeface lacks letters of is drawn as "Tool A", whole: never as
// boxes, never in part.
func TestMissingLetters(t *testing.T) {
	t.Parallel()
	want, _ := drawn(t, pair("Tool A", "Cursor", 2, 2))
	for _, name := range []string{"通义千问", "GPT 通义", "🚀 Rocket", "أداة"} {
		c := pair(name, "Cursor", 2, 2)
		c.Ruling = pair("Tool A", "Cursor", 2, 2).Ruling
		if got, _ := drawn(t, c); !bytes.Equal(got, want) {
			t.Errorf("%s: got another picture than Tool A's", name)
		}
	}
	if got, _ := drawn(t, pair("Tool B", "Cursor", 2, 2)); bytes.Equal(got, want) {
		t.Error("got the same picture for another name")
	}
}

// The bar is divided as the panel is, and an unknown verdict has none.
func TestBar(t *testing.T) {
	t.Parallel()
	_, img := drawn(t, pair("A", "B", 1, 3))
	ship, skip := color.RGBA{0x0a, 0x68, 0x47, 0xff}, color.RGBA{0xa9, 0x2f, 0x1b, 0xff}
	n := map[color.Color]int{}
	right := 0
	for x := range picture.Width {
		c := color.RGBAModel.Convert(img.At(x, 510))
		n[c]++
		if x > picture.Width/2 && (c == ship || c == skip) {
			right++
		}
	}
	if share := 100 * n[ship] / (n[ship] + n[skip]); share < 23 || share > 26 {
		t.Errorf("got %d%% of the bar for ship, want 25", share)
	}
	if right != 0 {
		t.Errorf("got a bar for a verdict that is not known")
	}
}

func BenchmarkPNG(b *testing.B) {
	p, err := picture.New("Weekly AI Tool Verdicts")
	if err != nil {
		b.Fatal(err)
	}
	c := pair(strings.Repeat("An exceedingly long product name ", 40), "B", 3, 2)
	for b.Loop() {
		if _, err := p.PNG(c); err != nil {
			b.Fatal(err)
		}
	}
}
