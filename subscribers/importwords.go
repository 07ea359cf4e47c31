package subscribers

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// foreignWords are statusWords in other languages.
var foreignWords = wordTable(map[standing]string{
	isActive: "aktiv aktiviert angemeldet abonniert eingetragen bestätigt actif abonné inscrit confirmé activo suscrito subscrito confirmado " +
		"ativo inscrito attivo iscritto confermato actief ingeschreven aangemeld bevestigd aktywny zapisany potwierdzony prenumererar tilmeldt påmeldt " +
		"aktivní přihlášen odebírá aktívny aktiivinen tilaaja aktif abone aktív feliratkozott activ abonat aktivan ενεργός εγγεγραμμένος " +
		"активен подписан активный активний підписаний 有効 購読中 登録中 配信中 已订阅 订阅中 已訂閱 구독중 구독_중 구독 활성 수신동의 نشط مشترك פעיל רשום",
	isPending: "unbestätigt ausstehend nicht_bestätigt wartend en_attente non_confirmé pendiente sin_confirmar pendente não_confirmado in_attesa " +
		"non_confermato in_afwachting niet_bevestigd oczekujący niepotwierdzony väntande afventer nepotvrzený odottaa beklemede függőben " +
		"in_asteptare 仮登録 未確認 待确认 待確認 대기 대기중 ממתין очікує ожидает",
	hasLeft: "inaktiv abgemeldet abbestellt ausgetragen ausgetreten gekündigt gelöscht deaktiviert inactif désabonné désinscrit désactivé supprimé " +
		"inactivo baja de_baja dado_de_baja desuscrito cancelado eliminado inativo descadastrado desinscrito removido inattivo disiscritto cancellato " +
		"disattivato inactief uitgeschreven afgemeld opgezegd verwijderd nieaktywny wypisany usunięty avregistrerad avslutad avmeldt frameldt afmeldt " +
		"odhlášen odhlášený neaktivní neaktívny peruttu perunut abonelikten_çıktı abonelikten_ayrıldı pasif leiratkozott leiratkozva dezabonat inactiv " +
		"odjavljen neaktivan διαγραμμένος ανενεργός отписан отписался отписалась неактивен неактивный неактивний відписаний відписався " +
		"退订 已退订 已取消 取消订阅 退訂 已退訂 取消訂閱 無効 解除 解除済み 退会 退会済み 配信停止 停止 수신거부 구독취소 구독_취소 탈퇴 해지 비활성 ملغى ملغي غير_نشط הוסר לא_פעיל ביטל",
	isBlocked:    "gesperrt blockiert bloqué bloqueado bloccato geblokkeerd zablokowany заблокирован",
	isBounced:    "unzustellbar rebotado rimbalzato onbestelbaar opgeschoond",
	hasComplaint: "queja plainte beschwerde reclamo klacht",
})

// wordTable gives the words of a standing, which spaces part, as unaccented does.
func wordTable(words map[standing]string) map[string]standing {
	table := map[string]standing{}
	for s, list := range words {
		for word := range strings.FieldsSeq(list) {
			table[unaccented(columnName(word))] = s
		}
	}
	return table
}

// unaccented is a columnName without the marks on its letters.
func unaccented(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 }) {
		return name
	}
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(name)))
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
	"_hold", "_on_hold", "_held", "suspend", "_pause", "_gone", "_remove", "_quit", "_ended", "_end_date", "_left_", "_exit", "_nomail", "_no_mail", "_no_email", "_no_bulk", "_noemail",
	"_dead", "deceased", "_stopped", "_bounced_", "_bounce_date", "_bounce_reason", "_bounce_type", "_error_", "_errors_", "revoked", "withdrawn", "_lapsed", "odhlas", "_peru", "abonelikten", "leiratkoz", "dezabon", "odjav", "διαγρα", "відпис",
	"配信停止", "停止", "退会", "解除", "退訂", "取消", "수신거부", "탈퇴", "해지", "취소", "ملغ", "הסר", "הוסר",
}

// leftFiles are parts of the names of files in which programs export who has
// left, or has never agreed: "nonsubscribed_members_export.csv",
// "suppression_bounces.csv". Often they have an address and a time, and no more.
var leftFiles = []string{
	"_unsub", "nonsubscri", "non_subscri", "not_subscribed", "suppress", "_bounce", "complain", "blocklist", "blacklist", "block_list", "black_list", "_cleaned_",
	"optout", "opt_out", "opted_out", "_do_not_", "_dnc_", "spam_report", "_invalid_", "_inactive_", "_removed_", "_deleted_", "undeliver", "churned",
	"abgemeld", "abmeld", "desabonn", "desinscri", "_bajas_", "disiscri", "uitgeschreven", "afgemeld",
}

// tellsOfLeft reports whether the name of a file does.
func tellsOfLeft(file string) bool {
	return containsAny(unaccented(columnName(strings.TrimSuffix(file, path.Ext(file)))), leftFiles)
}

// aboutMailing are parts of names of columns in which a plain no says who is not
// to be mailed, and every other value may be anything.
var aboutMailing = []string{
	"newsletter", "subscription", "mailing", "contactable", "mailable", "marketable", "can_contact", "can_email", "can_mail", "may_contact", "may_email", "reachable",
	"_receive", "_agree", "_allow", "_wants", "einverstanden", "_acept", "_aceit", "_accett", "_accord", "einwilligung", "zustimmung", "consentim", "consenso", "toestemming", "zgoda", "gdpr", "dsgvo", "_valid", "deliverable",
	"_ok_", "_send_",
}

// aboutMail are words of names of columns in which a spoken no, such as "never",
// says who is not to be mailed; a 0 may count something. In aboutNoMail are words
// by which such a column is about something else.
var (
	aboutMail   = []string{"_mail_", "_mails_", "_email_", "_emails_", "_marketing_", "_notification", "_frequency_", "_preference"}
	aboutNoMail = []string{"open", "click", "_sent_", "received", "html", "_type_", "domain", "_lang", "locale", "country"}
)

// refusesMail reports whether a value of a column about mail does.
func refusesMail(name, value string) bool {
	if strings.EqualFold(value, "none") {
		return containsAny(name, []string{"_notification", "_frequency_", "_preference"})
	}
	return saysNo(value) && strings.Trim(value, "0123456789") != ""
}

func containsAny(name string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains("_"+name+"_", part) })
}

// saysNo reports whether a value is the word no, rather than nothing.
func saysNo(value string) bool {
	return isNo(value) && !isNothing(value)
}
