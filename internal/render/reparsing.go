package render

// A Reparsing renderer asks for its templates before each mail, so that an edit of
// theirs shows on reload.
type Reparsing func() (*Renderer, error)

// Digest is Renderer.Digest by the templates as they are now.
func (parse Reparsing) Digest(in DigestInput) (Rendered, error) {
	r, err := parse()
	if err != nil {
		return Rendered{}, err
	}
	return r.Digest(in)
}

// Mail is Renderer.Mail by the templates as they are now.
func (parse Reparsing) Mail(name string, data any) (Rendered, error) {
	r, err := parse()
	if err != nil {
		return Rendered{}, err
	}
	return r.Mail(name, data)
}

// Cuts is Renderer.Cuts by the templates as they are now.
func (parse Reparsing) Cuts(in []DigestInput) ([]Rendered, error) {
	r, err := parse()
	if err != nil {
		return nil, err
	}
	return r.Cuts(in)
}

// Traced is Renderer.Traced by the templates as they are now.
func (parse Reparsing) Traced(in DigestInput) (string, error) {
	r, err := parse()
	if err != nil {
		return "", err
	}
	return r.Traced(in)
}
