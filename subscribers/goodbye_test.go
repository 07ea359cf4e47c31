package subscribers_test

import (
	"testing"

	"verdicts.example/digest/subscribers"
)

// Only the page's button may be somebody else's press.
func TestSaysGoodbye(t *testing.T) {
	t.Parallel()
	for via, want := range map[string]bool{subscribers.ViaPage: true, subscribers.ViaOneClick: false, subscribers.ViaMail: false, subscribers.SourceOperator: false, "": false} {
		if got := subscribers.SaysGoodbye(via); got != want {
			t.Errorf("%q: got %v, want %v", via, got, want)
		}
	}
}
