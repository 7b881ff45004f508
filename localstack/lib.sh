# Shared by start and stop; sourced.

# server_alive RUN: is the process of RUN/pid the server of this run directory?
# The number alone proves nothing, since numbers are used again.
server_alive() {
	local pid
	pid=$(cat "$1/pid" 2>/dev/null) || return 1
	[ -n "$pid" ] && [ -s "$1/port" ] || return 1
	grep -qazxF "ourshare-run=$1" "/proc/$pid/cmdline" 2>/dev/null
}

# server_processes RUN: the server and whatever it started, by the variable
# that they inherit; a child that left the process group is found too.
server_processes() {
	# grep fails on processes of others and on those that end meanwhile
	{ grep -alzxF "OURSHARE_LOCALSTACK_INSTANCE=$1" /proc/[0-9]*/environ 2>/dev/null || true; } |
		cut -d/ -f3
}

# stop_server RUN: TERM, and KILL after a bounded wait; fails if anything remains.
stop_server() {
	local run=$1 pids i signal
	for signal in TERM KILL; do
		pids=$(server_processes "$run")
		[ -n "$pids" ] || break
		# shellcheck disable=SC2086
		kill -s "$signal" $pids 2>/dev/null || true
		for i in $(seq 100); do
			[ -n "$(server_processes "$run")" ] || break 2
			sleep 0.1
		done
	done
	[ -z "$(server_processes "$run")" ] || return 1
	rm -f "$run/pid"
}
