package comparison

import "time"

// Load reads the comparisons in dir and below it.
func Load(dir string) (Library, error) {
	lib, _, err := NewLoader(dir).Load()
	return lib, err
}

// SetFields is Revise for fields alone.
func SetFields(file string, src []byte, changes []Change) ([]byte, error) {
	return Revise(file, src, Revision{Set: changes})
}

// PublishedAt is a publication at an instant.
func PublishedAt(t time.Time) Published { return Published{t: t} }
