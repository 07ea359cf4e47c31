package render

import (
	"fmt"
	"reflect"
)

// frame starts what a template sees.
func (r *Renderer) frame(data any) *frame {
	return &frame{Site: r.site, Sheet: r.styles.sheet, Kept: r.styles.kept, Outlook: r.styles.outlook, Data: data}
}

// Mail renders one of the other mails. The name and its data: "confirm" with
// ConfirmData, "welcome" with WelcomeData, "goodbye" with GoodbyeData,
// "leave" with LeaveData, "fresh_link" with FreshLinkData, "address_changed" with
// AddressChangedData, "reader_links" with ReaderLinksData,
// "draft_ready" with DraftReadyData, "held" with HeldData, "missed" with
// MissedData, "report" with ReportData, "refused" with
// RefusedData, "surge" with SurgeData, "returned" with ReturnedData, "checkup" with CheckupData, "login" with LoginData,
// "correction" with CorrectionData. Data may be
// a pointer. Strings in it may be merge fields. Subject and preheader come from the text template.
func (r *Renderer) Mail(name string, data any) (Rendered, error) {
	want, ok := samples()[name]
	if !ok || name == "digest" {
		return Rendered{}, fmt.Errorf("%w %q: there is no such mail", ErrMail, name)
	}
	if v := reflect.ValueOf(data); v.Kind() == reflect.Pointer && !v.IsNil() {
		data = v.Elem().Interface()
	}
	if reflect.TypeOf(data) != reflect.TypeOf(want) {
		return Rendered{}, fmt.Errorf("%w %s: got data of type %T, want %T", ErrMail, name, data, want)
	}
	out, err := r.render(name, r.frame(data))
	if err != nil {
		return Rendered{}, err
	}
	return out, checkSize(name, out)
}

func checkSize(name string, out Rendered) error {
	if n := len(out.HTML); n > SizeLimit {
		return fmt.Errorf("%w: the HTML of %s has %d bytes, above %d: Gmail would clip it; shorten the template or the content", ErrSize, name, n, SizeLimit)
	}
	return nil
}

// render executes, inlines and checks one mail.
func (r *Renderer) render(name string, f *frame) (Rendered, error) {
	m := r.mails[name]
	tokens, err := m.execute(f)
	if err != nil {
		return Rendered{}, err
	}
	if err := checkStyles(name, tokens); err != nil {
		return Rendered{}, err
	}
	inlined, err := inline(tokens)
	if err != nil {
		return Rendered{}, err
	}
	text, err := m.executeText(f)
	if err != nil {
		return Rendered{}, err
	}
	return Rendered{
		Subject:   f.Subject,
		Preheader: f.Preheader,
		HTML:      m.restoreConditionals(inlined),
		Uninlined: m.restoreConditionals(tokens),
		Text:      text,
	}, nil
}

// execute gives the mail before inlining and sets the frame's subject and
// preheader where they are the template's to say.
func (m *mailTemplate) execute(f *frame) (string, error) {
	if err := m.headers(f); err != nil {
		return "", err
	}
	return m.executeHTML(f)
}

// rehearse executes every template with sample data.
func (r *Renderer) rehearse() []error {
	var wrong []error
	for _, name := range mailNames() {
		f := r.frame(samples()[name])
		if name == "digest" {
			f.Subject, f.Preheader = "Subject", "Preheader"
		}
		tokens, err := r.mails[name].execute(f)
		if err == nil {
			err = checkStyles(name, tokens)
		}
		if err == nil {
			_, err = r.mails[name].executeText(f)
		}
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	return wrong
}
