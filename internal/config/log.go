package config

import (
	"io"
	"log/slog"
)

// Slog is the level as log/slog has it.
func (l LogLevel) Slog() slog.Level {
	level := slog.LevelError
	_ = level.UnmarshalText([]byte(l)) // the settings' check lets no other text through
	return level
}

// Logger makes a log of the settings' form.
func (l Log) Logger(w io.Writer, level slog.Level) *slog.Logger {
	opts := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}
