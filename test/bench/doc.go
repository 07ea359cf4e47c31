// Package bench measures the whole send against its peers in one run: our
// pipeline with every record kept, Postfix's smtp-source (C, one shared body, no
// records), and go-mail used the usual way, all to the same sink.
//
// 'make bench' runs it. Machines are noisy: only ratios of one run count.
package bench
