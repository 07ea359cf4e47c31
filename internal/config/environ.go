package config

import (
	"reflect"
	"regexp"
	"strings"

	"verdicts.example/digest/internal/spelling"
)

// EnvPrefix starts the environment variables: DIGEST_SMTP__HOST sets smtp.host.
const EnvPrefix = "DIGEST_"

// EnvName is the environment variable of a key: smtp.host is DIGEST_SMTP__HOST.
func EnvName(path string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "__"))
}

// EnvFile names the settings' file, as --config does; the caller reads it.
const EnvFile = EnvPrefix + "CONFIG"

// fromEnv takes the variables that begin with EnvPrefix. An empty one is as if
// it were not set.
func (c *Config) fromEnv(environ []string) {
	known := map[string]string{}
	var names []string
	for _, path := range leaves(reflect.TypeFor[Config](), "") {
		known[EnvName(path)] = path
		names = append(names, EnvName(path))
	}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, EnvPrefix) || value == "" || name == EnvFile {
			continue
		}
		if path, ok := known[name]; ok {
			c.setOne(name, path, value)
			continue
		}
		if isFromCluster(name, value) {
			continue
		}
		hint := "; smtp.host, for one, is " + EnvName("smtp.host")
		if meant, ok := spelling.Meant(name, names); ok {
			hint = "; did you mean " + meant + "?"
		}
		c.problems = append(c.problems, problem{where: name, message: "no setting has this name" + hint})
	}
}

// Kubernetes and Docker set variables for each service (or linked container)
// that is called digest or digest-something.
var (
	clusterHost = regexp.MustCompile(`^DIGEST_(\w+_)?(SERVICE_HOST|PORT_[0-9]+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)$`)
	clusterPort = regexp.MustCompile(`^DIGEST_(\w+_)?SERVICE_PORT(_\w+)?$`)
	clusterURL  = regexp.MustCompile(`^DIGEST_(\w+_)?PORT$`)
	portNumber  = regexp.MustCompile(`^[0-9]+$`)
	portURL     = regexp.MustCompile(`^(tcp|udp|sctp)://`)
)

// isFromCluster reports whether a cluster sets this variable by itself. The
// value tells a service's address from a mistyped setting: DIGEST_SMTP_PORT=587.
func isFromCluster(name, value string) bool {
	return clusterHost.MatchString(name) ||
		clusterPort.MatchString(name) && portNumber.MatchString(value) ||
		clusterURL.MatchString(name) && portURL.MatchString(value)
}
