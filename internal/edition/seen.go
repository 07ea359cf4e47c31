package edition

import (
	"cmp"
	"slices"
	"time"
)

// SeenFor is how long it is kept what editors saw.
const SeenFor = 60 * 24 * time.Hour

// seenMost is how many contents of a week are kept for an editor: the one on the
// screen, and the one before it, which it is compared with.
const seenMost = 2

// A Sighting is a content of a week that an editor saw.
type Sighting struct {
	Hash string
	At   time.Time // the last time
}

// Superseded gives the hashes of one editor's sightings of a week that are not kept any
// longer, since later ones are.
func Superseded(list []Sighting) (hashes []string) {
	list = slices.SortedFunc(slices.Values(list), func(a, b Sighting) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Hash, b.Hash))
	})
	for _, s := range list[min(len(list), seenMost):] {
		hashes = append(hashes, s.Hash)
	}
	return hashes
}
