package edition

// States lists every state in the order of an edition's life.
func States() []State {
	return []State{Draft, Approved, Held, Sending, Sent, Skipped, Missed, Cancelled}
}
