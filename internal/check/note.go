package check

import "verdicts.example/digest/internal/render"

// note says what an editor wrote into the note above the comparisons and readers
// do not get.
func (r *report) note(m Mail) {
	if m.Note == "" {
		r.addPass("note.links", "there is no note above the comparisons")
		return
	}
	r.addAll("note.links", Warn, says(render.NoteLoses(m.Note)...), "write a whole http or https address, and words for a picture", "the mail has every link of the note")
}
