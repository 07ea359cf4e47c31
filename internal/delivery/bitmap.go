package delivery

import "math/bits"

// A bitmap is a set of ids in pages of 64 Ki: a million readers take 128 KiB.
type bitmap struct{ pages map[int64]*[pageWords]uint64 }

const (
	pageBits  = 16
	pageWords = 1 << pageBits / 64
)

// set adds id; false says that it was in.
func (b *bitmap) set(id int64) bool {
	if b.pages == nil {
		b.pages = map[int64]*[pageWords]uint64{}
	}
	p := b.pages[id>>pageBits]
	if p == nil {
		p = new([pageWords]uint64)
		b.pages[id>>pageBits] = p
	}
	word, bit := place(id)
	if p[word]&bit != 0 {
		return false
	}
	p[word] |= bit
	return true
}

// clear removes id; false says that it was not in.
func (b *bitmap) clear(id int64) bool {
	p := b.pages[id>>pageBits]
	if p == nil {
		return false
	}
	word, bit := place(id)
	was := p[word]&bit != 0
	p[word] &^= bit
	return was
}

// each calls fn for every id, in no order.
func (b *bitmap) each(fn func(int64)) {
	for page, words := range b.pages {
		for i, w := range words {
			for ; w != 0; w &= w - 1 {
				fn(page<<pageBits | int64(i*64+bits.TrailingZeros64(w)))
			}
		}
	}
}

func place(id int64) (word int, bit uint64) {
	low := id & (1<<pageBits - 1)
	return int(low / 64), 1 << (low % 64)
}
