package check

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func contrastOf(t *testing.T, doc string) (light, dark Finding) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	r := &report{}
	r.contrast(newDocument(root))
	return find(t, r.findings, "a11y.contrast-light"), find(t, r.findings, "a11y.contrast-dark")
}

func TestContrast(t *testing.T) {
	t.Parallel()
	const gray = "color:#767676" // 4.54:1 on white
	for _, c := range []struct {
		name, doc   string
		light, dark Level
	}{
		{"defaults", `<p>x</p>`, Pass, Pass},
		{"enough", `<p style="` + gray + `">x</p>`, Pass, Pass},
		{"too little", `<p style="color:#777">x</p>`, Fail, Fail},
		{"large", `<p style="color:#949494;font-size:24px">x</p>`, Pass, Pass},
		{"large and bold", `<b style="color:#949494;font-size:14pt">x</b>`, Pass, Pass},
		{"bold but small", `<b style="color:#949494;font-size:18px">x</b>`, Fail, Fail},
		{"relative size", `<div style="font-size:12px"><p style="color:#949494;font-size:200%">x</p></div>`, Pass, Pass},
		{"h1 without a size", `<h1 style="color:#949494">x</h1>`, Pass, Pass},
		{"inherited background", `<table><td style="background-color:#000"><p style="color:#333">x</p></td></table>`, Fail, Fail},
		{"background on a table", `<table style="background:#000"><td style="color:#333">x</td></table>`, Fail, Fail},
		{"bgcolor", `<table bgcolor="black"><td style="color:rgb(51, 51, 51)">x</td></table>`, Fail, Fail},
		{"font", `<font color="#eeeeee">x</font>`, Fail, Fail},
		{"hidden", `<p style="color:#fff;display:none">x</p><p style="color:#fff;max-height:0;overflow:hidden">x</p><p hidden style="color:#fff">x</p>`, Pass, Pass},
		{"nothing to read", `<p style="color:#fff">&nbsp; </p>`, Pass, Pass},
		{"dark rule", `<style>@media (prefers-color-scheme: dark){.a{background-color:#000!important}}</style><p class="a" style="color:#222;background-color:#fff">x</p>`, Pass, Fail},
		{"dark rule without importance", `<style>@media (prefers-color-scheme: dark){.a{background-color:#000}}</style><p class="a" style="color:#222;background-color:#fff">x</p>`, Pass, Pass},
		{"narrow rule", `<style>@media (max-width: 600px){.a{color:#fff!important}}</style><p class="a" style="color:#222">x</p>`, Pass, Pass},
		{"specificity", `<style>#i.a{color:#222!important} .a{color:#fff!important}</style><p id="i" class="a">x</p>`, Pass, Pass},
		{"later wins", `<style>.a{color:#222!important} .b{color:#fff!important}</style><p class="a b">x</p>`, Fail, Fail},
		{"important style attribute", `<style>.a{color:#fff!important}</style><p class="a" style="color:#222 !important">x</p>`, Pass, Pass},
		{"hover", `<style>a:hover{color:#fff!important}</style><a href="#x">x</a>`, Pass, Pass},
		{"default link in the dark", `<meta name="color-scheme" content="light dark"><style>@media (prefers-color-scheme: dark){body{background-color:#000!important}}</style><body><a href="#x">x</a>`, Pass, Pass},
		{"gradient", `<p style="background-image:linear-gradient(red,blue)">x</p>`, Warn, Warn},
		{"unknown notation", `<p style="color:oklch(50% 0 0)">x</p>`, Warn, Warn},
		{"opacity", `<p style="opacity:.1">x</p>`, Warn, Warn},
	} {
		light, dark := contrastOf(t, c.doc)
		if light.Level != c.light || dark.Level != c.dark {
			t.Errorf("%s: got %s and %s, want %s and %s", c.name, light.line(), dark.line(), c.light, c.dark)
		}
	}
}

func TestContrastBounded(t *testing.T) {
	t.Parallel()
	light, _ := contrastOf(t, "<style>"+strings.Repeat(".a{margin:0}", 1500)+"</style>"+strings.Repeat("<p>x", 1500))
	if light.Level != Warn || !strings.Contains(light.Detail, "too many rules") {
		t.Errorf("got %s, want a warning about too many rules", light.line())
	}
}

func TestContrastRatio(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000", "#fff", 21}, {"#767676", "white", 4.54}, {"rgb(0,0,255)", "#ffffff", 8.59}, {"red", "red", 1}} {
		a, okA := parseColor(c.a)
		b, okB := parseColor(c.b)
		if got := contrastRatio(a, b); !okA || !okB || math.Abs(got-c.want) > 0.01 {
			t.Errorf("%s on %s: got %.2f, want %.2f", c.a, c.b, got, c.want)
		}
	}
	for _, s := range []string{"", "transparent", "#12", "#12345", "#1234567", "#ggg", "rgb(1,2)", "rgb(1,2,300)", "rgb(", "bleu", "rgba(0,0,0,0.5)"} {
		if c, ok := parseColor(s); ok {
			t.Errorf("%q: got %s, want no color", s, fmt.Sprint(c))
		}
	}
}
