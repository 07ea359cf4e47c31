package pipeline

import (
	"testing"

	"verdicts.example/digest/subscribers"
)

// BenchmarkReaderLinks is what a mail's own links cost a reader.
func BenchmarkReaderLinks(b *testing.B) {
	links := subscribers.NewLinks(make([]byte, 32)).Linker()
	b.ReportAllocs()
	for b.Loop() {
		linksOf(links, 4711, everyLink)
	}
}
