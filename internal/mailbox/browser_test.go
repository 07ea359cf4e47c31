package mailbox

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/browsertest"
)

// hostile tries what a mail could try; only its link may lead anywhere.
const hostile = `Subject: hostile
Content-Type: text/html; charset=utf-8

<!doctype html><html><head><meta http-equiv="refresh" content="0;url=BASE/hit/refresh">
<link rel="stylesheet" href="BASE/hit/style"><style>@import "BASE/hit/import";p{background:url(BASE/hit/background)}</style>
<title>untouched</title></head><body onload="fetch('BASE/hit/onload')">
<script>document.title='ran';top.location='BASE/hit/script'</script>
<img src="BASE/hit/img" onerror="fetch('BASE/hit/onerror')"><iframe src="BASE/hit/frame"></iframe>
<object data="BASE/hit/object"></object><video src="BASE/hit/video" autoplay></video>
<form action="BASE/hit/form"><button id="submit">go</button></form>
<p><a id="link" href="BASE/landed">a link</a></p></body></html>
`

func TestHostileMailInARealBrowser(t *testing.T) {
	t.Parallel()
	browser := browsertest.New(t)
	dir := t.TempDir()
	hits, landed := make(chan string, 100), make(chan struct{}, 1)
	mux := http.NewServeMux()
	mux.Handle("/mailbox/", pages(t, dir))
	mux.HandleFunc("/hit/", func(_ http.ResponseWriter, r *http.Request) { hits <- r.URL.Path })
	mux.HandleFunc("/landed", func(http.ResponseWriter, *http.Request) { landed <- struct{}{} })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	msg := strings.NewReplacer("\n", "\r\n", "BASE", srv.URL).Replace(hostile)
	send(t, dialer(t, start(t, dir)), "ann@example.org", []byte(msg))
	list, _, err := List(dir, 0, 1, "")
	if err != nil || len(list) != 1 {
		t.Fatalf("got %d messages, %v, want 1", len(list), err)
	}
	page := browser.Page(t)
	page.Navigate(srv.URL + "/mailbox/" + list[0].ID) // in the frame
	if got := browsertest.Eval[int](page, "document.querySelectorAll('iframe').length"); got != 1 {
		t.Errorf("frames: got %d, want 1", got)
	}
	page.Navigate(srv.URL + "/mailbox/" + list[0].ID + "/html") // alone
	if got := browsertest.Eval[string](page, "document.title"); got != "untouched" {
		t.Errorf("title: got %q, want it untouched", got)
	}
	browsertest.Eval[bool](page, "document.getElementById('submit').click(), document.getElementById('link').click(), true")
	select {
	case <-landed:
	case <-time.After(time.Minute):
		t.Error("the link led nowhere")
	}
	select {
	case path := <-hits:
		t.Errorf("the mail reached %s", path)
	default:
	}
}
