package metrics

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// askTimeout bounds the question to the database at a scrape.
const askTimeout = 5 * time.Second

// deliveryCollector asks for the deliveries' counts when it is scraped, so that
// they are the database's and survive a restart.
type deliveryCollector struct{ ask Deliveries }

var _ prometheus.Collector = deliveryCollector{}

func deliveriesDesc() *prometheus.Desc {
	return prometheus.NewDesc("digest_deliveries", "Deliveries of the latest edition by state.", []string{"state"}, nil)
}

// Describe implements prometheus.Collector.
func (c deliveryCollector) Describe(ch chan<- *prometheus.Desc) { ch <- deliveriesDesc() }

// Collect implements prometheus.Collector.
func (c deliveryCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	desc := deliveriesDesc()
	counts, err := c.ask(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(desc, fmt.Errorf("count the deliveries: %w", err))
		return
	}
	for state, n := range counts {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), state)
	}
}
