package desk

import (
	"encoding/json"
	"os"
	"path/filepath"

	"verdicts.example/digest/internal/atomicfile"
)

// A File is one of those that a preview is written into.
type File struct {
	Name string
	Data []byte
}

// Files are a preview as files: the HTML with its styles inlined and before that,
// the text part, the whole message, and what the checks say as JSON.
func (p Preview) Files() ([]File, error) {
	checks, err := json.MarshalIndent(p.Findings, "", "  ")
	if err != nil {
		return nil, err
	}
	return []File{
		{"digest.html", []byte(p.Rendered.HTML)},
		{"digest.uninlined.html", []byte(p.Rendered.Uninlined)},
		{"digest.txt", []byte(p.Rendered.Text)},
		{"digest.eml", p.Message()},
		{"checks.json", append(checks, '\n')},
	}, nil
}

// WriteFiles writes the preview's files into dir, which is made when it is absent,
// and calls written with each file's path and its size in bytes.
func (p Preview) WriteFiles(dir string, written func(path string, size int)) error {
	files, err := p.Files()
	if err != nil {
		return err
	}
	return writeFiles(dir, files, written)
}

func writeFiles(dir string, files []File, written func(path string, size int)) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		if err := atomicfile.Write(path, f.Data, 0o644); err != nil {
			return err
		}
		written(path, len(f.Data))
	}
	return nil
}
