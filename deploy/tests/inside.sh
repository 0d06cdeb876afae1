#!/bin/bash
# Run by test_package.py inside a fresh Debian that has booted with the package installed: what README.Debian says, and a mail.
set -euo pipefail
trap 'systemctl status --no-pager --full sluice.service | head -40; journalctl --no-pager -n 60 -u sluice -u sluice-migrate' ERR

check() { echo "== $*"; }
admin() {
    sudo -u sluice env SLUICE_CONFIG=/etc/sluice/sluice.yaml CREDENTIALS_DIRECTORY=/etc/sluice/credentials sluice "$@"
}

check "nothing runs that is not set up"
if systemctl is-active --quiet sluice; then exit 1; fi
check "PostgreSQL"
for _ in $(seq 100); do if sudo -u postgres psql -qc 'SELECT' >/dev/null 2>&1; then break; fi; sleep 0.2; done
sudo -u postgres psql -q -v ON_ERROR_STOP=1 -f /usr/share/doc/sluice/examples/database.sql
check "without a schema the node does not start, and says why"
systemctl start --no-block sluice
for _ in $(seq 200); do if journalctl -u sluice | grep -q 'run .migrate.'; then break; fi; sleep 0.2; done
journalctl -u sluice -o cat | grep -m 1 'run .migrate.'
systemctl stop sluice
check "migrate"
systemctl start sluice-migrate
check "accounts and keys"
systemctl start simulator
admin apply /etc/sluice/accounts.yaml
key=$(admin key create --tenant apa --json | grep -o 'sk_live_[A-Za-z0-9_]*')
case $key in sk_live_*) ;; *) echo "no key" && exit 1 ;; esac
check "enable --now returns when the node is ready"
systemctl enable --now sluice
answer() { exec 3<>"/dev/tcp/127.0.0.1/$1"; printf '%b' "$2" >&3; cat <&3; exec 3>&-; }
answer 8081 'GET /readyz HTTP/1.0\r\n\r\n' | grep -q ' 200 '
systemctl show sluice -p StatusText -p Type -p WatchdogUSec -p User
test "$(systemctl show sluice -p StatusText --value)" = ready
answer 8081 'GET /metrics HTTP/1.0\r\n\r\n' | grep '^process_start_time_seconds '
check "the process is locked down, and sees its secret"
pid=$(systemctl show sluice -p MainPID --value)
grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):' "/proc/$pid/status"
grep -q 'CapBnd:.*0000000000000000' "/proc/$pid/status"
grep -q 'Seccomp:.*2' "/proc/$pid/status"
systemd-analyze security --no-pager sluice.service | tail -1
check "a mail"
body='{"from": "shop@apa.example", "to": ["success@simulator.amazonses.com"], "subject": "x", "text": "x"}'
sent=$(answer 8080 "POST /send HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer $key\r\nContent-Type: application/json\r\nContent-Length: ${#body}\r\n\r\n$body" | tail -1)
echo "$sent"
id=${sent#*\"id\":\"}
id=${id%%\"*}
for _ in $(seq 100); do
    status=$(answer 8080 "GET /messages/$id HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer $key\r\n\r\n" | tail -1 | sed 's/.*"status" *: *"\([a-z]*\)".*/\1/')
    if [ "$status" = sent ]; then break; fi
    sleep 0.1
done
echo "status $status"
test "$status" = sent
check "a killed node comes back"
systemctl kill --signal=KILL sluice
for _ in $(seq 150); do
    if [ "$(systemctl show sluice -p MainPID --value)" != "$pid" ] && systemctl is-active --quiet sluice; then break; fi
    sleep 0.1
done
test "$(systemctl show sluice -p NRestarts --value)" = 1
check "a stop is a drain"
systemctl stop sluice
test "$(systemctl show sluice -p Result --value)" = success
check "one role by itself"
systemctl start sluice@gateway
systemctl show sluice@gateway -p StatusText -p ActiveState
systemctl stop sluice@gateway
check "done"
