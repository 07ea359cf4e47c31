package subscribers

// The ways in which readers leave, as they are recorded.
const (
	ViaPage     = "page"      // the button of the page behind a link
	ViaOneClick = "one-click" // their mail program's request (RFC 8058)
	ViaMail     = "mail"      // a mail to the unsubscribe address
)

// SaysGoodbye reports whether who has left this way is mailed a goodbye. Whoever a
// digest was forwarded to has its link, and sees the page that tells how to come
// back in the reader's place: so the reader is told, at their own address. A mail
// program's request and a mail come from the reader, who wants no more mail.
func SaysGoodbye(via string) bool { return via == ViaPage }
