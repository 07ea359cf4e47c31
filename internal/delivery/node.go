package delivery

// A NodeStatus is what one of several nodes has done of a send, and does.
type NodeStatus struct {
	Node     string
	Epoch    int64 // of its latest sender
	Alive    bool  // its lease runs
	Shards   int   // parts of the send that it has now
	Accepted int64 // over all its senders
	Unknown  int64
	Rate     float64 // messages accepted a second by its latest sender so far; 0 when it is not at work
}
