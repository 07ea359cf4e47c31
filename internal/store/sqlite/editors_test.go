package sqlite

import (
	"testing"

	"verdicts.example/digest/internal/store/storetest"
)

func TestEditors(t *testing.T) {
	t.Parallel()
	storetest.RunEditors(t, func(t *testing.T) storetest.Editors {
		db := openEditions(t)
		return storetest.Editors{Store: db.Editors(), Take: db.Outbox().Take, ComposeLogin: db.Outbox().ComposeLogin}
	})
}
