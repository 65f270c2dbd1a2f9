#!/bin/sh
# Whatever is done to the packets, the findings stay: for each kind of evasion
# a plain capture and an evasive one that tell the same story (test/evasion/),
# and what must be the same in both.
. "$(dirname "$0")/lib"
: "${EVADE:=${WATERTIGHT%/*}/evade}"
[ -x "$EVADE" ] || { echo "$EVADE is not built"; exit 2; }

# One line for each finding: what it is about, then what was measured.  But for those
# that only fill up the list: the oddest of what is neither a timer nor suspect.
findings() {
	awk '
	function text(key,  r) {
		r = "\"" key "\":\""
		if (!match($0, r "[^\"]*\"")) return "-"
		return substr($0, RSTART + length(r), RLENGTH - length(r) - 1)
	}
	function number(key,  r) {
		r = "\"" key "\":"
		if (!match($0, r "[-0-9.]+")) return 0
		return substr($0, RSTART + length(r), RLENGTH - length(r))
	}
	function list(key,  r) {
		r = "\"" key "\":\\["
		if (!match($0, r "[^]]*\\]")) return "-"
		return substr($0, RSTART + length(r) - 1, RLENGTH - length(r) + 1)
	}
	/"event_type":"alert"/ && !(text("kind") == "unexplained" && text("severity") == "info") {
		print text("host") ">" text("destination") ":" number("dest_port"), text("kind"), text("severity"), \
			number("score_db"), number("period_s"), number("calls"), number("bytes_out"), \
			number("bytes_in"), list("names"), \
			text("app_proto") "," text("ja4") "," text("user_agent"), list("hosts")
	}' "$1"
}

# a number of the stats line
stat() {
	tail -n 1 "$dir/json" | sed -n 's/.*"'"$1"'":\([0-9]*\).*/\1/p'
}

# same [LIMIT=VALUE ...]: compare $dir/plain with $dir/evasive.  How far they may differ:
#	score (dB); period, calls (parts of the plain value)
#	more, less: bytes beyond the plain ones, bytes missing, likewise
#	out, in_, names, claims (application and fingerprints), severity, kind: 0 if they may differ
#	new: pattern of findings that may be there besides;  times: as many calls and bytes as in the plain one
#	only: compare none but the findings that match
same() {
	awk -v score=1 -v period=0.01 -v calls=0 -v more=0 -v less=0 -v out=1 -v in_=1 \
	    -v names=1 -v claims=1 -v severity=1 -v kind=1 -v new='^$' -v times=1 -v only=. '
	function off(what, a, b, most) {
		d = a > b ? a - b : b - a
		if (d > most + 1e-9) bad(what " " a " became " b)
	}
	function grown(what, a, b) {
		if (b < a * (1 - less) - 1e-9 || b > a * (1 + more) + 1e-9) bad(what " " a " became " b)
	}
	function bad(what) { print $1 ": " what }
	FNR == NR { plain[$1] = $0; next }
	$1 !~ only { next }
	!($1 in plain) { if ($1 !~ new) print $1 ": is new: " $0; next }
	{
		split(plain[$1], p); seen[$1] = 1
		if (kind && $2 != p[2]) bad("kind " p[2] " became " $2)
		if (severity && $3 != p[3]) bad("severity " p[3] " became " $3)
		off("score", p[4], $4, score)
		off("period", p[5], $5, period * p[5])
		off("calls", p[6] * times, $6, calls * p[6])
		if (out) grown("bytes out", p[7] * times, $7)
		if (in_) grown("bytes in", p[8] * times, $8)
		if (names && $9 != p[9]) bad("names " p[9] " became " $9)
		if (claims && $10 != p[10]) bad("claims " p[10] " became " $10)
		if ($11 != p[11]) bad("hosts " p[11] " became " $11)
	}
	END {
		for (k in plain) if (!(k in seen) && k ~ only) print k ": is gone: " plain[k]
	}' "$dir/plain" "$@" "$dir/evasive"
}

# scan CAPTURE: to $dir/json, and the exit status to $got
scan() {
	"$WATERTIGHT" scan -qa --memory 64M --format json "$1" >"$dir/json" 2>"$dir/err"
	got=$?
}

# pair KIND: write both captures and scan them; plain ones are mostly the same
: >"$dir/scanned.pcap"
pair() {
	check "$1 can be made" "$EVADE" "$1" "$dir/plain.pcap" "$dir/evasive.pcap"
	if ! cmp -s "$dir/plain.pcap" "$dir/scanned.pcap"; then
		scan "$dir/plain.pcap"
		check "$1: exit status 1 for the plain capture, not $got" [ "$got" = 1 ]
		mv "$dir/plain.pcap" "$dir/scanned.pcap"
		findings "$dir/json" >"$dir/plain"
		check "$1: the plain capture has all three beacons" \
			[ "$(grep -cE '^(10\.0\.0\.|fd00::)(12|14|16|c|e|10)>' "$dir/plain")" -ge 3 ]
		check "$1: ... and fingerprints" grep -q ' tls,t13' "$dir/plain"
	fi
	scan "$dir/evasive.pcap"
	findings "$dir/json" >"$dir/evasive"
}

# limits KIND: how the two may differ, and why.  What is not said here has to be
# the same: hosts, destinations, ports, kinds, calls and all the rest.
limits() {
	case $1 in
	# Of bytes that contradict each other the first count, in datagrams as in
	# streams.  Against a host that takes the last, or after a packet that only
	# the sensor sees, names and fingerprints are what the caller likes; who
	# calls whom, when and how much is not.  Contradicting pieces are counted.
	# Under another name nobody called the one that had been looked up: its look-ups
	# stand alone, and calls without any are rarer in this fleet, so worth more.
	V1-overlap-last-wins)
		echo more=1 names=0 claims=0 score=4 ;;
	V3-overlap-last-wins)
		echo more=5 names=0 score=6 severity=0 new='>monitor.example:53$' ;;
	V3-wrong-sum|V3-short-life)
		echo more=2 names=0 score=6 severity=0 new='>monitor.example:53$' ;;
	# Pieces are told apart by network, and not by VLAN, which differs between
	# taps of one network.  Again contradictions are counted.
	V1-id-in-two-vlans)
		echo more=1.5 names=0 claims=0 score=6 severity=0 ;;
	# Pieces without the first make pairs of their own, without ports.  In so
	# small a fleet three more of them change what is rare.
	V1-holes)	echo more=1 score=3 severity=0 new=:0$ ;;

	# each piece has an IP header, each segment TCP's as well
	V1-tiny*)	echo more=3 ;;
	V1-*)		echo more=1 ;;
	V2-long-chain)	echo more=5 ;;
	V2-*)		echo more=2 ;;
	V3-bytes*)	echo more=40 ;;
	V3-syn-data)	echo less=0.06 ;;
	V3-*)		echo more=5 ;;

	# What is not there cannot be counted.  Who sends more, and who answers, cannot
	# be told by one direction; nor which address a look-up gave, and so what it was for.
	V4-midstream)	echo less=0.12 ;;
	V4-out-only)
		echo in_=0 score=12 severity=0 kind=0 new='>monitor.example:53$' ;;
	V4-out-midstream)
		echo less=0.12 in_=0 score=12 severity=0 kind=0 new='>monitor.example:53$' ;;
	# Of UDP, whoever is heard first is taken to have begun: to believe a port
	# would let an implant pass for a server.  So it is of TCP midstream, but for
	# ports below 1024.
	V4-in-only)	echo 'out=0 score=12 severity=0 names=0 claims=0 only=:(443|8080|8443)$' ;;
	V4-in-midstream)
		echo out=0 less=0.12 score=12 severity=0 names=0 claims=0 only=:443$ ;;

	# Two tenants: each has its own hosts and calls, the case is told by one of them, and
	# two hosts at a place are not as rare as one, nor two that ask for a domain or have
	# a client that nobody else has.
	V5-twins)	echo score=8 severity=0 only=:8 ;;

	# Names and fingerprints lie beyond; in 64 bytes so do the answers of resolvers.
	# 64 bytes of IPv6 do not hold a header of TCP: that is said, and no verdict.  Where
	# nobody has a name it does not count against a call that it has none, or no look-up.
	V6-64|V6-96-v6)	echo names=0 claims=0 score=7 severity=0 ;;
	V6-96|V6-128)	echo names=0 claims=0 score=3 ;;
	V6-256)		echo claims=0 score=5 ;; # the client's hello is longer
	V6-64-v6)	echo names=0 score=8 only=:53$ ;;

	# IPv6 has no identification, and a bare acknowledgement may well be sent twice
	V7-span-v6|V7-two-taps-v6)
		echo more=0.15 ;;
	# What the other side says before the host's first word was heard counts as a
	# call of its own, lest a forged packet make the host's call inbound.
	V7-reorder-2)	;;
	V7-reorder-*)	echo less=0.06 ;;
	# of what was seen lately another packet may have taken the place
	V7-two-taps)	echo more=0.02 ;;

	# No handshakes; that it stays connected counts against it.
	V8-one-connection)
		echo calls=0.01 less=0.8 score=6 severity=0 ;;
	# Found as one network, and the more suspect for it.
	V8-many-addresses)
		echo score=13 severity=0 more=0.5 less=0.02 ;;
	V8-few-addresses) # told by the one with most calls, of which it has a third
		echo calls=0.7 more=0.5 less=0.7 ;;
	# With another port it is another flow, without a beginning: it is not seen that
	# they are one connection, which stays.
	V8-migration)	echo claims=0 score=6 severity=0 ;;
	# The two addresses of a host are two hosts: each beats half as often, and a client
	# that two hosts have is not as rare.
	V8-both-families)
		echo score=6 period=1.02 calls=0.51 less=0.55 new='^fd00::c>2001:db8::7:8443$' ;;
	esac
}

# at_least NUMBER NAME: of the stats
at_least() {
	check "$k: at least $1 $2, not $(stat "$2")" [ "$(stat "$2")" -ge "$1" ]
}

# What else has to be: mostly that what could not be read is counted.
besides() {
	case $1 in
	V1-overlap-*|V1-id-in-two-vlans)
		at_least 800 overlaps ;;
	V1-holes)
		at_least 3 datagrams_lost ;;
	V2-overlap-decoys)
		at_least 200 overlaps
		at_least 200 datagrams_lost ;;
	V5-too-deep)
		at_least 100 unsupported ;;
	V6-64-v6)
		check "$1: no verdict, exit status 4, not $got" [ "$got" = 4 ]
		at_least 7000 truncated ;;
	V7-span|V7-two-taps) # of 11,908
		at_least 11800 duplicates ;;
	V7-*-v6) # of 11,634
		at_least 9000 duplicates ;;
	V8-both-families)
		check "$1: a beacon in both families" \
			[ "$(grep -c '^\(10.0.0.12\|fd00::c\)>[^ ]*:8443 beacon' "$dir/evasive")" = 2 ] ;;
	esac
}

kinds=$("$EVADE")
for k in ${KINDS:-$kinds}; do
	pair "$k"
	case $k in
	V8-*-addresses) # as one network, or by one of its addresses
		sed -i 's/>203.0.113.\(0\/24\|100\):/>203.0.113.7:/' "$dir/evasive" ;;
	V6-64|V6-64-v6|V6-96-v6) # told by the server, as the name asked for lies beyond
		sed -i 's/>\(203.0.113.9\|2001:db8::9\):53 />sorrel.example:53 /' "$dir/evasive" ;;
	esac
	limits=$(limits "$k")
	# shellcheck disable=SC2086 # words
	same $limits >"$dir/differ"
	check "$k: the same findings" [ ! -s "$dir/differ" ]
	sed 's/^/    /' "$dir/differ" | head -n 12
	case $limits in
	*severity=0*|*only=*) ;;
	*)	check "$k: exit status 1, not $got" [ "$got" = 1 ] ;;
	esac
	besides "$k"
done
finish
