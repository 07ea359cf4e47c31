#!/bin/sh
# Installs the real mail servers that test/peers sends to, and Prometheus, which reads
# our metrics in tests. Nothing is started:
# the tests start what they need on loopback and stop it again. Exim and OpenSMTPD
# can't be installed beside Postfix and chasquid would start itself: their packages
# are only unpacked, into $1 (DIGEST_PEERS for the tests, when it is another).
set -eu
dir=${1:-${DIGEST_PEERS:-/var/cache/digest-peers}}
export DEBIAN_FRONTEND=noninteractive

# No package starts a service while this is here.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod +x "$policy"
	trap 'rm -f "$policy"' EXIT
fi
apt-get update -q
apt-get install -y -q --no-install-recommends postfix sasl2-bin libsasl2-modules libsasl2-modules-db \
	postgrey python3-aiosmtpd libidn12 libgnutls-dane0 libfile-fcntllock-perl

mkdir -p "$dir/debs"
cd "$dir/debs"
rm -f ./*.deb
apt-get download -q exim4-base exim4-daemon-light chasquid opensmtpd prometheus
for deb in *.deb; do
	dpkg -x "$deb" "$dir"
done
# OpenSMTPD's libraries have other names in other releases: its package knows.
# Those that are here stay as they are.
# shellcheck disable=SC2046 # a word a package
apt-get install -y -q --no-install-recommends --no-upgrade $(dpkg-deb -f opensmtpd_*.deb Depends |
	tr ',' '\n' | sed -n 's/^ *\(lib[^ |]*\).*/\1/p')
# Exim looks for the user it was built for.
getent passwd Debian-exim >/dev/null ||
	useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin Debian-exim
