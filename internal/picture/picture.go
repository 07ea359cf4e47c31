// Package picture draws the preview of a comparison that chats and social networks
// show beside its link: the pair, the ruling and both panels' verdicts.
//
// The package promises a PNG of Width × Height pixels for every comparison, in a time
// that its texts cannot stretch: a text is cut to what its lines hold, with an
// ellipsis, and a letter that the embedded typeface lacks is never drawn as something
// else. A name of which it lacks letters is not drawn in part: "Tool A" stands for it.
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"verdicts.example/digest/internal/wording"
)

// Width and Height are the picture's size in pixels, which the networks ask for.
const (
	Width, Height = 1200, 630
	margin        = 72
	column        = (Width - 3*margin) / 2
)

// The tokens of templates/pages/tokens.css, in light.
var (
	paper = color.RGBA{0xf7, 0xf3, 0xea, 0xff}
	ink   = color.RGBA{0x1d, 0x1b, 0x16, 0xff}
	muted = color.RGBA{0x62, 0x5b, 0x4e, 0xff}
	ship  = color.RGBA{0x0a, 0x68, 0x47, 0xff}
	skip  = color.RGBA{0xa9, 0x2f, 0x1b, 0xff}
)

// A Painter draws pictures. It is safe for concurrent use.
type Painter struct {
	regular, bold *sfnt.Font
	site          string
}

// New reads the embedded typefaces; site is the name below the picture.
func New(site string) (*Painter, error) {
	regular, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the typeface: %w", err)
	}
	bold, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the bold typeface: %w", err)
	}
	return &Painter{regular: regular, bold: bold, site: site}, nil
}

// PNG draws a comparison.
func (p *Painter) PNG(c wording.Comparison) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, Width, Height))
	fill(img, img.Bounds(), paper)
	fill(img, image.Rect(0, 0, Width, 12), ink)
	s := &sheet{painter: p, img: img}
	names := p.names(c)
	y := s.text(block{bold: true, size: 60, lines: 2, color: ink, x: margin, y: 112, width: Width - 2*margin, text: names[0] + " vs " + names[1]})
	if p.has(c.Ruling) {
		s.text(block{size: 32, lines: 2, color: muted, x: margin, y: y + 62, width: Width - 2*margin, text: c.Ruling})
	}
	for i, t := range c.Tools {
		s.verdict(margin+i*(column+margin), names[i], t.Verdict)
	}
	if p.has(p.site) {
		s.text(block{size: 26, lines: 1, color: muted, x: margin, y: Height - 44, width: Width - 2*margin, text: p.site})
	}
	if s.err != nil {
		return nil, s.err
	}
	var b bytes.Buffer
	fast := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := fast.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("encode a picture: %w", err)
	}
	return b.Bytes(), nil
}

// names are the tools' names, or what stands for one that cannot be drawn whole.
func (p *Painter) names(c wording.Comparison) [2]string {
	out := [2]string{"Tool A", "Tool B"}
	for i, t := range c.Tools {
		if name := clean(t.Name); name != "" && p.has(name) {
			out[i] = name
		}
	}
	return out
}

// has reports whether both typefaces have every letter of a text. Signs that stand
// on the letter before them are none: nothing here sets them.
func (p *Painter) has(s string) bool {
	var b sfnt.Buffer
	for _, r := range clean(s) {
		if unicode.IsMark(r) {
			return false
		}
		for _, f := range []*sfnt.Font{p.regular, p.bold} {
			if i, err := f.GlyphIndex(&b, r); err != nil || i == 0 {
				return false
			}
		}
	}
	return true
}

func fill(img draw.Image, r image.Rectangle, c color.Color) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// A sheet is a picture that is being drawn; its first error stays.
type sheet struct {
	painter *Painter
	img     *image.RGBA
	err     error
}

// verdict draws a tool's name, its verdict in words and the bar of both sides.
func (s *sheet) verdict(x int, name string, v wording.Verdict) {
	const top = 420
	said, c := wording.NoVerdict, muted
	switch {
	case v.Class() == "ship":
		c = ship
	case v.Class() == "skip":
		c = skip
	case v.Known():
		c = ink
	}
	if short := v.Short(); short != "" {
		said = short
	}
	s.text(block{size: 28, lines: 1, color: ink, x: x, y: top, width: column, text: name})
	s.text(block{bold: true, size: 44, lines: 1, color: c, x: x, y: top + 54, width: column, text: said})
	if !v.Known() {
		return
	}
	at := column * v.ShipShare() / 100
	fill(s.img, image.Rect(x, top+80, x+column, top+100), skip)
	fill(s.img, image.Rect(x, top+80, x+at, top+100), ship)
	if at > 0 && at < column {
		fill(s.img, image.Rect(x+at-2, top+80, x+at+2, top+100), paper)
	}
}

// A block is a text in lines.
type block struct {
	bold  bool
	size  float64 // pixels
	lines int     // at most
	color color.Color
	x, y  int // of the first line's baseline
	width int
	text  string
}

// text draws a block and gives its last baseline.
func (s *sheet) text(b block) int {
	typeface := s.painter.regular
	if b.bold {
		typeface = s.painter.bold
	}
	face, err := opentype.NewFace(typeface, &opentype.FaceOptions{Size: b.size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		s.err = fmt.Errorf("draw a text: %w", err)
		return b.y
	}
	defer func() { _ = face.Close() }() // it holds no file
	y := b.y
	for i, line := range wrap(face, b.text, b.width, b.lines) {
		y = b.y + i*int(b.size*1.15)
		d := font.Drawer{Dst: s.img, Src: image.NewUniform(b.color), Face: face, Dot: fixed.P(b.x, y)}
		d.DrawString(line)
	}
	return y
}
