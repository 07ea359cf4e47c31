package journal

import (
	"maps"
	"math/bits"
	"slices"
)

// A Set holds subscribers' ids: 128 KiB for a million that are close together.
// Its zero value is empty.
type Set struct {
	pages map[int64]*[pageWords]uint64
}

const (
	pageBits  = 16
	pageWords = 1 << pageBits / 64
)

// Add adds id; false says that it was in.
func (s *Set) Add(id int64) bool {
	if s.pages == nil {
		s.pages = map[int64]*[pageWords]uint64{}
	}
	p := s.pages[id>>pageBits]
	if p == nil {
		p = new([pageWords]uint64)
		s.pages[id>>pageBits] = p
	}
	word, bit := place(id)
	if p[word]&bit != 0 {
		return false
	}
	p[word] |= bit
	return true
}

// Remove removes id; false says that it was not in.
func (s *Set) Remove(id int64) bool {
	p := s.pages[id>>pageBits]
	if p == nil {
		return false
	}
	word, bit := place(id)
	was := p[word]&bit != 0
	p[word] &^= bit
	return was
}

// Empty reports whether nothing was added; what was removed since counts.
func (s *Set) Empty() bool { return len(s.pages) == 0 }

// Each calls fn for every id, ascending.
func (s *Set) Each(fn func(id int64)) {
	for _, page := range slices.Sorted(maps.Keys(s.pages)) {
		for i, w := range s.pages[page] {
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
