package rendertest

import (
	"io/fs"

	"verdicts.example/digest/templates"
)

// Templates are the built-in ones, of mails and pages.
func Templates() fs.FS {
	built, err := templates.Overlay("")
	if err != nil {
		panic(err) // no folder is laid over them
	}
	return built
}
