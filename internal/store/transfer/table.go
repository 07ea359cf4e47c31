package transfer

// A Table is moved as it is.
type Table struct {
	Name string
	Key  []Column // unique, in the order in which rows are read
}

// A Column of a key. Text is compared byte by byte, whatever the database's
// collation.
type Column struct {
	Name string
	Text bool
}

func ids(names ...string) (key []Column) {
	for _, n := range names {
		key = append(key, Column{Name: n})
	}
	return key
}

func words(names ...string) (key []Column) {
	for _, n := range names {
		key = append(key, Column{Name: n, Text: true})
	}
	return key
}

// Tables are those that are moved, each after those that its rows refer to. A
// test finds a table of a store that is in neither this list nor its own of those that stay.
func Tables() []Table {
	return []Table{
		{"subscribers", ids("id")},
		{"suppressions", ids("address_sha256")},
		{"signups", ids("id")},
		{"held_signups", ids("id")},
		{"signup_counts", append(words("domain"), ids("bucket")...)},
		{"signup_surges", words("domain")},
		{"confirmations", ids("token_sha256")},
		{"confirmation_limits", ids("mailbox_sha256")},
		{"outbox", ids("id")},
		{"wordings", words("version")},
		{"subscriber_events", ids("id")},
		{"fresh_links", ids("token_sha256")},
		{"import_batches", ids("id")},
		{"import_changed_subscribers", ids("batch_id", "subscriber_id")},
		{"import_changed_suppressions", ids("batch_id", "address_sha256")},
		{"editions", ids("id")},
		{"edition_items", ids("edition_id", "carried", "position")},
		{"edition_builds", ids("id")},
		{"edition_frozen", ids("edition_id", "variant")},
		{"edition_edits_kept", append(words("week"), ids("version")...)},
		{"edition_edits", words("week")}, // a trigger keeps it: what was kept is there before
		{"schedule_slots", words("kind", "week")},
		{"schedule_state", ids("id")},
		{"desk_acts", ids("id")},
		{"desk_notes", ids("id")},
		{"desk_approvals", words("week", "hash", "by")},
		{"desk_logins", ids("token_sha256")},
		{"desk_sessions", ids("id")},
		{"desk_shares", ids("id")},
		{"sends", ids("edition_id")},
		{"send_epochs", ids("edition_id", "epoch")},
		{"send_journals", append(ids("edition_id"), words("node")...)},
		{"relays", ids("id")},
		{"send_totals", ids("edition_id", "state", "relay")},
		{"send_days", ids("day")},
		{"send_notices", ids("id")},
		{"deliveries", ids("edition_id", "subscriber_id")},
		{"returned", ids("id")},
		{"returned_notices", ids("id")},
		{"inbound_counts", append(ids("day"), words("kind", "outcome")...)},
		{"inbound_kept", ids("mail")},
		{"dmarc_reports", words("org", "report_id")},
		{"edition_lines", ids("edition_id", "number")},
		{"delivery_lines", ids("edition_id", "subscriber_id", "line")},
		{"leave_reasons", append(ids("day"), words("reason")...)},
		{"leave_answers", ids("subscriber_id")},
		{"saved_states", ids("id")},
		{"saved", append(ids("subscriber_id"), words("slug")...)},
		{"votes", append(append(words("slug"), ids("tool")...), ids("subscriber_id")...)},
	}
}
