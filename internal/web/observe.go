package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
)

// observe logs and counts each request by its route's pattern. The path stays
// out: it may hold a token, and what a visitor typed.
func (s *server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.Now()
		conn := connOf(r)
		conn.from(s.clientIP(r))
		sw := &statusWriter{ResponseWriter: w, conn: conn}
		defer func() {
			took := s.Now().Sub(start)
			s.Recorder.Request(route(r), method(r), sw.code(), took)
			s.Logger.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("route", route(r)), slog.String("method", method(r)),
				slog.Int("status", sw.code()), slog.Int64("bytes", sw.bytes), slog.Duration("took", took))
		}()
		next.ServeHTTP(sw, r)
		conn.waits() // for what is left of the body
	})
}

// guard turns a panic into the 500 page; its stack goes to the log only.
func (s *server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v) // net/http's own way to drop a connection
			}
			s.Logger.ErrorContext(r.Context(), "panic in a handler",
				slog.String("route", route(r)), slog.String("panic", panicText(v)), slog.String("stack", string(debug.Stack())))
			if sw, ok := w.(*statusWriter); ok && sw.status != 0 {
				panic(http.ErrAbortHandler) // half an answer has left: the client must see it break
			}
			s.showError(w, r, statusError{status: http.StatusInternalServerError})
		}()
		next.ServeHTTP(w, r)
	})
}

// panicText keeps to what cannot hold a visitor's data.
func panicText(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}

// route is the pattern that matched, without its method; "none" for no match.
func route(r *http.Request) string {
	if _, path, ok := strings.Cut(r.Pattern, " "); ok {
		return path
	}
	return "none"
}

// method keeps invented methods out of logs and labels.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "OTHER"
}

// statusWriter notes what was answered. From its beginning on the server waits
// for the client to take it.
type statusWriter struct {
	http.ResponseWriter
	conn   requestConn
	status int
	bytes  int64
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
		w.conn.waits()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
		w.conn.waits()
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// code is the status that the client got; a handler that wrote nothing gave 200.
func (w *statusWriter) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
