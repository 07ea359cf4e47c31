package config

import "testing"

// The example's settings are the defaults, but for the postal address; answers
// stand in the file and nothing else changes.
func TestExample(t *testing.T) {
	t.Parallel()
	c, err := load(t, string(Example(Answers{})), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := Default()
	if c.Site.Name != d.Site.Name || c.SMTP.Host != d.SMTP.Host || c.Mail.From != d.Mail.From || c.Site.PostalAddress == "" ||
		c.Edition != d.Edition || c.Schedule != d.Schedule || c.Log != d.Log {
		t.Errorf("got %+v, want the defaults with a postal address", c)
	}
	c, err = load(t, string(Example(Answers{
		Name: `Ada's "Tools" # 1`, BaseURL: "https://digest.example.org", PostalAddress: "7 Mill Lane, Exeter", From: "Ada <ada@example.org>", Relay: "mx.example.org",
	})), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Site.Name != `Ada's "Tools" # 1` || c.Site.BaseURL != "https://digest.example.org" || c.Site.PostalAddress != "7 Mill Lane, Exeter" ||
		c.Mail.From != "Ada <ada@example.org>" || c.SMTP.Host != "mx.example.org" || c.Edition.Max != d.Edition.Max {
		t.Errorf("got %+v, want the answers", c)
	}
	if err := c.ReadyForReaders(); err != nil {
		t.Errorf("got %v, want settings that mail readers", err)
	}
}
