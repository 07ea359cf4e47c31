package walk

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A walk is one pass through the manual.
type walk struct {
	*testing.T
	m       *machine
	w       *world
	steps   map[string][]block
	policy  *policy
	exports string
}

// TestWalk takes an empty machine by the manual alone to a delivered digest, and
// through what comes back of it.
func TestWalk(t *testing.T) {
	if os.Getenv("WALK") == "" {
		t.Skip("it boots a machine, which takes minutes: make walk")
	}
	needed(t)
	if os.Getuid() != 0 {
		leaveOut(t, "it makes namespaces, which root may")
	}
	k := &walk{T: t, steps: manualSteps(t, "From an empty server to the first send")}
	k.m = boot(t, source(t), os.Stdout)
	k.w = newWorld(k.m)
	k.install()
	if os.Getenv("WALK") != "secrets" {
		k.firstSend()
		k.returned()
		k.canary()
		k.killed()
		k.wellAgain()
	}
	k.secrets()
}

// source is what the machine gets of this repository: the program, its unit and the
// proxy's settings, and content.
func source(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "bin/digest"), "../../cmd/digest")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	for _, sub := range []string{"deploy", "comparisons"} {
		if err := os.CopyFS(filepath.Join(dir, sub), os.DirFS("../../"+sub)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// step runs a step's commands.
func (k *walk) step(n, what string) {
	k.Helper()
	k.m.say("step %s: %s", n, what)
	for _, script := range of(k.T, k.steps, n, "sh") {
		k.m.run(k.exports + script)
		for _, line := range regexp.MustCompile(`(?m)^export .*\n`).FindAllString(script, -1) {
			k.exports += line // a person's shell keeps them
		}
	}
}

// install is steps 1 to 7: from an empty server to one that runs.
func (k *walk) install() {
	k.Helper()
	k.m.say("step 1: the program, its user, its folders")
	k.m.run(strings.Replace(of(k.T, k.steps, "1", "sh")[0], "make build\n", "", 1)) // it was built here
	k.m.say("step 2: the key")
	key := k.m.run(of(k.T, k.steps, "2", "sh")[0])
	k.m.say("step 3: DNS")
	records := of(k.T, k.steps, "3", "dns")[0]
	k.m.say("%s", records)
	k.w.publish(regexp.MustCompile(`.*what step 2 printed.*\n`).ReplaceAllString(records, ""))
	k.w.publish(regexp.MustCompile(`(?ms)^digest2026\._domainkey.*\)`).FindString(key))
	k.w.certify()
	k.w.startExim()
	k.w.startChasquid()
	k.step("4", "the mail server")
	k.m.say("step 5: the settings")
	settings := of(k.T, k.steps, "5", "yaml")[0]
	k.m.say("%s", settings)
	k.m.write("/etc/digest/config.yaml", settings, 0o644)
	k.step("5", "the settings' owner, and a look at them")
	k.step("6", "the proxy")
	k.step("7", "start")
	k.m.until("serve answers", func() bool { return k.m.output("curl -s https://digest.example.org/healthz") == "ok" })
}

// readers are those of the first send; what becomes of their mails is in returned_test.go.
const readers = `email
fine@far.example
gone@far.example
full@far.example
auth@far.example
later@far.example
fine@other.example
nobody@other.example
you@reader.example
`

// firstSend is steps 8 to 10, with a reader who signs up on the site.
func (k *walk) firstSend() {
	k.Helper()
	k.step("8", "look")
	k.content("claude-code-vs-gemini-cli", "cursor-vs-windsurf", "ollama-vs-lm-studio")
	k.m.write("/usr/src/digest/readers.csv", readers, 0o644)
	k.step("9", "content and readers")
	k.signUp("bea@reader.example")
	k.step("10", "send")
	k.m.say("what arrived, as its receivers see it")
	for _, to := range []string{"fine@far.example", "fine@other.example", "bea@reader.example"} {
		k.signed(k.w.arrives(to, "List-Unsubscribe-Post"))
	}
}

// content puts comparisons into the folder, published now.
func (k *walk) content(slugs ...string) {
	k.Helper()
	for _, slug := range slugs {
		k.m.run(fmt.Sprintf("sed 's/^published: .*/published: %s/' comparisons/%s.yaml >/var/lib/digest/comparisons/%[2]s.yaml\n"+
			"chown digest:digest /var/lib/digest/comparisons/%[2]s.yaml", time.Now().UTC().Format(time.RFC3339), slug))
	}
}

// signUp asks for the digest on the site, over TLS and through the proxy, and confirms.
func (k *walk) signUp(email string) {
	k.Helper()
	k.m.say("a reader signs up on the site: %s", email)
	k.m.run("curl -sS --fail -o /dev/null -H 'X-Forwarded-For: 203.0.113.9' -d email=" + email + " https://digest.example.org/subscribe")
	k.m.run("curl -sS --fail -o /dev/null -X POST " + k.link(k.w.arrives(email, "/confirm/"), "confirm"))
	show := k.m.digest("subscribers show " + email)
	for _, want := range []string{"active", "form from " + here} { // and not the address that the visitor made up
		if !strings.Contains(show, want) {
			k.Errorf("%s: got %s, want %q", email, show, want)
		}
	}
}

// link is the first link to a kind of page in a mail.
func (k *walk) link(path, kind string) string {
	k.Helper()
	text := strings.NewReplacer("=\n", "", "=3D", "=").Replace(k.m.read(path))
	found := regexp.MustCompile(`https://digest\.example\.org/` + kind + `/[A-Za-z0-9_-]+`).FindString(text)
	if found == "" {
		k.Fatalf("%s has no link to /%s/", path, kind)
	}
	return found
}

// secrets keeps the key out of the program's user's reach: systemd hands it over, and
// what is sent then is signed as before.
func (k *walk) secrets() {
	k.Helper()
	k.m.say("secrets that root alone keeps")
	parts := scripts(k.T, "Secrets that root alone keeps")
	k.m.run(parts[0])
	k.m.until("serve answers again", func() bool { return k.m.output("curl -s https://digest.example.org/healthz") == "ok" })
	if out, err := k.m.try("runuser -u digest -- cat /etc/digest/dkim.pem"); err == nil {
		k.Errorf("got the key as the program's user:\n%s", out)
	}
	k.m.run("curl -sS --fail -o /dev/null -d email=cleo@reader.example https://digest.example.org/subscribe")
	k.signed(k.w.arrives("cleo@reader.example", "/confirm/"))
	out, err := k.m.try(parts[1])
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		k.Fatal(err)
	}
	for _, want := range []string{"pass     dkim", "publishes the key of the key file"} {
		if !strings.Contains(out, want) {
			k.Errorf("doctor by hand: got\n%s\nwant %q in it", out, want)
		}
	}
}

// signed wants two other programs to find the mail's DKIM signature valid, by the
// record in DNS.
func (k *walk) signed(path string) {
	k.Helper()
	if got := k.m.run("dkimverify <" + path); !strings.Contains(got, "signature ok") {
		k.Errorf("dkimverify: got %q, want signature ok", got)
	}
	k.m.run("opendkim-testmsg <" + path)
	if to := "d=example.org"; !strings.Contains(k.m.read(path), to) {
		k.Errorf("got a signature of another domain, want %s", to)
	}
}
