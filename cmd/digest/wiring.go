package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"os"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
	"verdicts.example/digest/templates"
)

// This file makes the parts and connects them. It reads top to bottom in the
// order in which one depends on another; each part is made once, when a command
// first needs it.

// openDatabase opens the database, making it when it is not there yet.
func (a *app) openDatabase(ctx context.Context) (*sqlite.DB, error) {
	if a.db != nil {
		return a.db, nil
	}
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	db, err := sqlite.Open(ctx, cfg.Database)
	if err != nil {
		return nil, err
	}
	a.db = db
	a.closers = append(a.closers, func() {
		if err := db.Close(); err != nil {
			fmt.Fprintln(a.stderr, "digest: close database:", err)
		}
	})
	return db, nil
}

// existingDatabase opens the database if there is one. It is for commands that
// work without: nil, false means that there is none.
func (a *app) existingDatabase(ctx context.Context) (*sqlite.DB, bool, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, false, err
	}
	if _, err := os.Stat(cfg.Database); errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	db, err := a.openDatabase(ctx)
	return db, err == nil, err
}

// list is the subscribers' list.
func (a *app) list(ctx context.Context) (*subscribers.Service, error) {
	db, err := a.openDatabase(ctx)
	if err != nil {
		return nil, err
	}
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	return subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{Now: a.now, Log: a.logger(cfg)}), nil
}

// site is what mails and pages say of the publication.
func (a *app) site() (render.Site, error) {
	cfg, err := a.config()
	if err != nil {
		return render.Site{}, err
	}
	return render.Site{Name: cfg.Site.Name, BaseURL: cfg.Site.BaseURL, PostalAddress: cfg.Site.PostalAddress}, nil
}

// renderer parses the templates, the operator's over the built-in ones.
func (a *app) renderer() (*render.Renderer, error) {
	if a.render != nil {
		return a.render, nil
	}
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	site, err := a.site()
	if err != nil {
		return nil, err
	}
	files, err := templates.Overlay(cfg.Templates)
	if err != nil {
		return nil, err
	}
	r, err := render.New(files, site)
	if err != nil {
		return nil, err
	}
	a.render = r
	return r, nil
}

// address parses a configured address; "" is the zero address.
func address(s string) (mail.Address, error) {
	if s == "" {
		return mail.Address{}, nil
	}
	a, err := mail.ParseAddress(s)
	if err != nil {
		return mail.Address{}, err
	}
	return *a, nil
}

// schedule parses the two cron expressions.
func (a *app) schedule() (*schedule.Schedule, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	loc, err := cfg.Location()
	if err != nil {
		return nil, err
	}
	draft, derr := schedule.ParseCron(cfg.Schedule.Draft)
	send, serr := schedule.ParseCron(cfg.Schedule.Send)
	if err := errors.Join(cfg.Problem("schedule.draft", derr), cfg.Problem("schedule.send", serr)); err != nil {
		return nil, err
	}
	return schedule.New(draft, send, loc, cfg.Schedule.CatchUp)
}

// keys reads the DKIM keys that the settings name.
func (a *app) keys() ([]message.DKIMKey, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	var keys []message.DKIMKey
	for _, k := range []struct{ setting, selector, file string }{
		{"dkim.key_file", cfg.DKIM.Selector, cfg.DKIM.KeyFile},
		{"dkim.key_file2", cfg.DKIM.Selector2, cfg.DKIM.KeyFile2},
	} {
		if k.file == "" {
			continue
		}
		pem, err := os.ReadFile(k.file)
		if err != nil {
			return nil, cfg.Problem(k.setting, fmt.Errorf("%w; 'digest dkim generate' makes a key", err))
		}
		key, err := message.ParseKey(pem)
		if err != nil {
			return nil, cfg.Problem(k.setting, fmt.Errorf("%s: %w", k.file, err))
		}
		if w := key.Warning(); w != "" {
			a.say("%s: %s", k.file, w)
		}
		keys = append(keys, message.DKIMKey{Domain: cfg.DKIM.Domain, Selector: k.selector, Key: key})
	}
	return keys, nil
}

// signer signs with the DKIM keys, if there are any.
func (a *app) signer() (*message.Signer, error) {
	keys, err := a.keys()
	if err != nil {
		return nil, err
	}
	return message.NewSigner(a.now, keys...)
}

// pipelineSettings is what the settings say of editions and mails.
func (a *app) pipelineSettings() (pipeline.Settings, error) {
	cfg, err := a.config()
	if err != nil {
		return pipeline.Settings{}, err
	}
	site, err := a.site()
	if err != nil {
		return pipeline.Settings{}, err
	}
	sched, err := a.schedule()
	if err != nil {
		return pipeline.Settings{}, err
	}
	from, err := address(cfg.Mail.From)
	if err != nil {
		return pipeline.Settings{}, err
	}
	replyTo, err := address(cfg.Mail.ReplyTo)
	if err != nil {
		return pipeline.Settings{}, err
	}
	return pipeline.Settings{
		Site:     site,
		Headers:  pipeline.Headers{From: from, ReplyTo: replyTo, ListID: cfg.Mail.ListID, BounceDomain: cfg.Mail.BounceDomain},
		Calendar: sched.Calendar(),
		Options: edition.Options{
			Max: cfg.Edition.Max, Min: cfg.Edition.Min, Order: edition.Order(cfg.Edition.Order),
			SamePairing: comparison.SamePairing,
		},
		ApprovalRequired: cfg.Edition.Approval == config.ApprovalRequired,
		DKIMDomain:       cfg.DKIM.Domain,
	}, nil
}

// pipeline is the pipeline over the database.
func (a *app) pipeline(ctx context.Context) (*pipeline.Pipeline, error) {
	db, err := a.openDatabase(ctx)
	if err != nil {
		return nil, err
	}
	return a.newPipeline(ctx, db)
}

// previewPipeline is the pipeline over the database if there is one, and
// otherwise without: as for the first edition.
func (a *app) previewPipeline(ctx context.Context) (*pipeline.Pipeline, error) {
	db, ok, err := a.existingDatabase(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return a.newPipeline(ctx, nil)
	}
	return a.newPipeline(ctx, db)
}

func (a *app) newPipeline(ctx context.Context, db *sqlite.DB) (*pipeline.Pipeline, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	settings, err := a.pipelineSettings()
	if err != nil {
		return nil, err
	}
	renderer, err := a.renderer()
	if err != nil {
		return nil, err
	}
	signer, err := a.signer()
	if err != nil {
		return nil, err
	}
	parts := pipeline.Parts{
		Settings: settings, Library: a.library, Renderer: renderer, Signer: signer,
		Now: a.now, Log: a.logger(cfg),
	}
	if db != nil {
		secret, err := db.Secret(ctx)
		if err != nil {
			return nil, err
		}
		if parts.Tagger, err = message.NewTagger(secret); err != nil {
			return nil, err
		}
		parts.Archive, parts.Freezer, parts.Notices = db.Editions(), db, db
		parts.Editors, parts.CatchUp = cfg.Editors, cfg.Schedule.CatchUp
	}
	return pipeline.New(parts), nil
}
