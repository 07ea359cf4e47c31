package subscribers

import "strings"

// misspelt are domains that people write when they mean a large mail provider's.
// All are unused, or wait for exactly such mail.
func misspelt() map[string]string {
	return map[string]string{
		"gmial.com": "gmail.com", "gmai.com": "gmail.com", "gmal.com": "gmail.com", "gamil.com": "gmail.com", "gmaill.com": "gmail.com",
		"gmali.com": "gmail.com", "gmail.co": "gmail.com", "gmail.cm": "gmail.com", "gmail.om": "gmail.com", "gnail.com": "gmail.com",
		"gmil.com": "gmail.com", "gemail.com": "gmail.com", "gimail.com": "gmail.com", "ggmail.com": "gmail.com", "gmaul.com": "gmail.com",
		"googlemail.co": "googlemail.com", "googelmail.com": "googlemail.com",
		"hotmial.com": "hotmail.com", "hotmai.com": "hotmail.com", "hotmal.com": "hotmail.com", "homail.com": "hotmail.com",
		"hotmil.com": "hotmail.com", "hotamil.com": "hotmail.com", "hotmail.co": "hotmail.com", "hotmaill.com": "hotmail.com",
		"outlok.com": "outlook.com", "outloo.com": "outlook.com", "outllok.com": "outlook.com", "oulook.com": "outlook.com", "outlook.co": "outlook.com",
		"yaho.com": "yahoo.com", "yahooo.com": "yahoo.com", "yhaoo.com": "yahoo.com", "yhoo.com": "yahoo.com", "yahoo.co": "yahoo.com",
		"iclod.com": "icloud.com", "iclould.com": "icloud.com", "icoud.com": "icloud.com", "icloud.co": "icloud.com",
		"protonmial.com": "protonmail.com", "protonmal.com": "protonmail.com", "protonmai.com": "protonmail.com",
	}
}

// misspeltEnds are ends of domains that are no top-level domains.
func misspeltEnds() map[string]string {
	return map[string]string{".con": ".com", ".cmo": ".com", ".ocm": ".com", ".vom": ".com", ".xom": ".com", ".comm": ".com", ".ogr": ".org", ".nte": ".net"}
}

// Meant gives the address that was most likely meant where the domain is a
// common misspelling. It is a question to ask: the address may be right.
func (a Address) Meant() (email string, ok bool) {
	domain, ok := misspelt()[a.Domain]
	if !ok {
		end := a.Domain[strings.LastIndexByte(a.Domain, '.'):]
		var right string
		if right, ok = misspeltEnds()[end]; !ok {
			return "", false
		}
		domain = strings.TrimSuffix(a.Domain, end) + right
		if known, twice := misspelt()[domain]; twice {
			domain = known
		}
	}
	return strings.TrimSuffix(a.Email, a.Domain) + domain, true
}
