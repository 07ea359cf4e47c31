package subscribers

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// foreignWords are statusWords in other languages, as unaccented gives them.
var foreignWords = map[string]standing{
	"aktiv": isActive, "aktiviert": isActive, "angemeldet": isActive, "abonniert": isActive, "eingetragen": isActive, "bestatigt": isActive,
	"actif": isActive, "abonne": isActive, "inscrit": isActive, "confirme": isActive, "activo": isActive, "suscrito": isActive, "subscrito": isActive,
	"confirmado": isActive, "ativo": isActive, "inscrito": isActive, "attivo": isActive, "iscritto": isActive, "confermato": isActive,
	"actief": isActive, "ingeschreven": isActive, "aangemeld": isActive, "bevestigd": isActive, "aktywny": isActive, "zapisany": isActive,
	"potwierdzony": isActive, "prenumererar": isActive, "tilmeldt": isActive, "pameldt": isActive, "активен": isActive, "подписан": isActive,
	"unbestatigt": isPending, "ausstehend": isPending, "nicht_bestatigt": isPending, "wartend": isPending, "en_attente": isPending,
	"non_confirme": isPending, "pendiente": isPending, "sin_confirmar": isPending, "pendente": isPending, "nao_confirmado": isPending,
	"in_attesa": isPending, "non_confermato": isPending, "in_afwachting": isPending, "niet_bevestigd": isPending, "oczekujacy": isPending,
	"niepotwierdzony": isPending, "vantande": isPending, "afventer": isPending,
	"inaktiv": hasLeft, "abgemeldet": hasLeft, "abbestellt": hasLeft, "ausgetragen": hasLeft, "ausgetreten": hasLeft, "gekundigt": hasLeft,
	"geloscht": hasLeft, "deaktiviert": hasLeft, "inactif": hasLeft, "desabonne": hasLeft, "desinscrit": hasLeft, "desactive": hasLeft,
	"supprime": hasLeft, "inactivo": hasLeft, "baja": hasLeft, "de_baja": hasLeft, "dado_de_baja": hasLeft, "desuscrito": hasLeft, "cancelado": hasLeft,
	"eliminado": hasLeft, "inativo": hasLeft, "descadastrado": hasLeft, "desinscrito": hasLeft, "removido": hasLeft, "inattivo": hasLeft,
	"disiscritto": hasLeft, "cancellato": hasLeft, "disattivato": hasLeft, "inactief": hasLeft, "uitgeschreven": hasLeft, "afgemeld": hasLeft,
	"opgezegd": hasLeft, "verwijderd": hasLeft, "nieaktywny": hasLeft, "wypisany": hasLeft, "usuniety": hasLeft, "avregistrerad": hasLeft,
	"avslutad": hasLeft, "avmeldt": hasLeft, "frameldt": hasLeft, "afmeldt": hasLeft, "отписан": hasLeft, "неактивен": hasLeft, "退订": hasLeft,
	"已退订":      hasLeft,
	"gesperrt": isBlocked, "blockiert": isBlocked, "bloque": isBlocked, "bloqueado": isBlocked, "bloccato": isBlocked, "geblokkeerd": isBlocked,
	"zablokowany": isBlocked, "заблокирован": isBlocked,
	"unzustellbar": isBounced, "rebotado": isBounced, "rimbalzato": isBounced, "onbestelbaar": isBounced,
}

// unaccented is a columnName without the marks on its letters.
func unaccented(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 }) {
		return name
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(name))
}

// namedStanding reads a column that is called by a standing: "Abgemeldet" says
// who has left, with a yes or a date. Where its values are neither, it is watched.
func namedStanding(name string, sample [][]string, at int) statusRule {
	s, known := wordStanding(name)
	if !known || !yesNoOrTime(sample, at) {
		return nil
	}
	switch {
	case s.weight() >= hasLeft.weight():
		return onlyNo(s)
	case slices.Contains(activeNames, unaccented(name)):
		return onlyYes(hasLeft)
	}
	return nil
}

// activeNames are the words of a reader that a column with a yes is called by.
// Others, such as "premium" or "free", tell what a reader pays.
var activeNames = []string{
	"active", "enabled", "aktiv", "aktiviert", "angemeldet", "abonniert", "actif", "abonne", "inscrit", "activo", "suscrito", "ativo", "inscrito",
	"attivo", "iscritto", "actief", "ingeschreven", "aangemeld", "aktywny", "zapisany", "tilmeldt",
}

// yesNoOrTime reports whether a column's first values are nothing else, and some
// are given.
func yesNoOrTime(sample [][]string, at int) bool {
	given := false
	for _, record := range sample {
		value := cell(record, at)
		if value == "" {
			continue
		}
		given = true
		if !isYes(value) && !isNo(value) && !isTime(value) {
			return false
		}
	}
	return given
}

// isTime reports whether a value is a time or a day, as any country writes it:
// digits with what stands between them.
func isTime(s string) bool {
	if _, err := parseTime(s); err == nil {
		return !isNo(s)
	}
	if len(s) == len("1700000000") && strings.Trim(s, "0123456789") == "" {
		return true // seconds since 1970
	}
	digits := strings.Count(strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return '0'
		}
		return r
	}, s), "0")
	return digits >= 5 && strings.ContainsAny(s, "./-") && strings.Trim(s, "0123456789./-:, TZAPMapm+") == ""
}

// aboutLeaving are parts of columns' names that speak of leaving, in a word of
// their own where an underscore begins them. A value there is a reason to stop,
// a date too.
var aboutLeaving = []string{
	"unsub", "blacklist", "blocklist", "opt_out", "optout", "opted_out", "suppress", "complain", "do_not", "_dont", "_dnc", "_ended", "undeliver", "churn", "deactivat",
	"_removed", "_removal", "_deleted", "_cancelled", "_canceled", "_disabled", "_inactive", "_invalid",
	"abgemeld", "abmeld", "abbestell", "austrag", "ausgetr", "austritt", "gekundigt", "kundigung", "gesperrt", "geloscht", "deaktiv", "desabonn",
	"desinscri", "desactiv", "_baja", "desuscri", "descadastr", "disiscri", "cancellat", "cancellaz", "disattiv", "uitgeschr", "uitschrijf", "afgemeld",
	"afmeld", "opgezegd", "wypis", "отпис", "退订", "avregistr", "avmeld", "frameld", "avslut",
}

// aboutMailing are parts of names of columns in which a plain no says who is not
// to be mailed, and every other value may be anything.
var aboutMailing = []string{
	"newsletter", "subscription", "mailing", "einwilligung", "zustimmung", "consentim", "consenso", "toestemming", "zgoda", "gdpr", "dsgvo", "_valid", "deliverable",
}

func containsAny(name string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains("_"+name, part) })
}

// saysNo reports whether a value is the word no, rather than nothing.
func saysNo(value string) bool {
	return isNo(value) && !slices.Contains([]string{"", "null", "n/a", "none", "-"}, strings.ToLower(value))
}
