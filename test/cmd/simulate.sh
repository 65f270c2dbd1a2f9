#!/bin/sh
# simulate: what it writes is what the truth beside it says, by other programs' count.
. "$(dirname "$0")/lib"

run 2 simulate
says '--out DIR is missing'
run 2 simulate --out "$dir/x" --implant perod=60
says "there is no key 'perod'"
run 2 simulate --out "$dir/x" --implant jitter=2
says 'jitter wants a share from 0 to 1'
run 2 simulate --out "$dir/x" --hosts 10 --implant host=10
says 'there is no host 10 in a fleet of 10'
run 2 simulate --out "$dir/x" --format xml
says 'xml'
run 2 simulate --out "$dir/x" leftover
says 'leftover'
check 'nothing written on wrong usage' [ ! -e "$dir/x" ]

run 3 simulate --out /dev/null/x
says 'Not a directory'

fleet="--hosts 12 --days 0.5 --seed 4 --implants 6 --implant host=3,period=300,jitter=0.3,dest=198.51.100.7:8443"
run 0 simulate --out "$dir/one" $fleet --format pcap,zeek,zeek-json --inventory
says '12 servers, 0.5 days'
run 0 simulate --quiet --out "$dir/two" $fleet --format pcap --format zeek,zeek-json --inventory
check 'silence when asked for' [ ! -s "$dir/err" ]
check 'the same bytes from the same seed' diff -r "$dir/one" "$dir/two"
check 'one line in the inventory for each host' [ "$(wc -l <"$dir/one/inventory.csv")" = 13 ]

run 3 simulate --out "$dir/one" $fleet
says 'truth.jsonl: File exists (--force overwrites)'
run 0 simulate --quiet --force --out "$dir/one" $fleet

# the truth's median and 90 % range of the intervals, recounted from conn.log
truth=$(tr '{' '\n' <"$dir/two/truth.jsonl" | grep '"dst": "198.51.100.7"' | head -n 1)
for key in n period_s p5_s p95_s; do
	eval "$key=$(printf '%s' "$truth" | sed "s/.*\"$key\": \([0-9.]*\).*/\1/")"
done
recount=$(awk -F'\t' '$5 == "198.51.100.7" && $6 == 8443 { if (last) print $1 - last; last = $1 }' "$dir/two/zeek/conn.log" |
	sort -n | awk -v n="$n" -v m="$period_s" -v low="$p5_s" -v high="$p95_s" '
	{ gap[NR] = $1 }
	function q(share,   at, i) { at = share * (NR - 1) + 1; i = int(at); return gap[i] + (at - i) * (gap[i + 1] - gap[i]) }
	function near(a, b) { return a - b < 0.02 && b - a < 0.02 }
	END { print (NR + 1 == n && near(q(0.5), m) && near(q(0.05), low) && near(q(0.95), high)) }')
check "the truth about $n calls is what conn.log holds" [ "$recount" = 1 ]
check 'about 144 calls in half a day' [ "$n" -gt 135 -a "$n" -lt 153 ]

# without implants the rest is the same, row for row
run 0 simulate --quiet --out "$dir/none" --hosts 12 --days 0.5 --seed 4 --no-implants --format zeek
grep -v '^#' "$dir/none/zeek/conn.log" | sort >"$dir/a"
grep -v '^#' "$dir/two/zeek/conn.log" | sort >"$dir/b"
check 'an implant changes nothing else' [ "$(comm -23 "$dir/a" "$dir/b" | wc -l)" = 0 ]
check 'the truth about a clean fleet' grep -q '"benign": true, "malicious": \[\]' "$dir/none/truth.jsonl"

# asked for so many rows
run 0 simulate --quiet --out "$dir/rows" --rows 20000 --hosts 10 --format zeek
rows=$(grep -vc '^#' "$dir/rows/zeek/conn.log")
check "20000 rows or so, not $rows" [ "$rows" -gt 18000 -a "$rows" -lt 22000 ]

# packed, by the hour
run 0 simulate --quiet --out "$dir/packed" $fleet --format zeek --compress gzip --rotate hourly
for log in conn dns ssl http; do
	gzip -dc "$dir"/packed/zeek/2025-03-03/$log.*.log.gz | grep -v '^#' >"$dir/a"
	grep -v '^#' "$dir/two/zeek/$log.log" >"$dir/b"
	check "the hours of $log.log make up the whole" cmp -s "$dir/a" "$dir/b"
done

if command -v python3 >/dev/null; then
	check 'JSON that others read' python3 -c '
import json, sys
for path in sys.argv[1:]:
    for line in open(path):
        json.loads(line)' "$dir/two/truth.jsonl" "$dir"/two/zeek-json/*.log
else
	echo 'skipped: python3 is not installed'
fi

# another program finds nothing wrong with the packets: no malformed one, no bad checksum
if command -v tshark >/dev/null; then
	tshark -r "$dir/two/fleet.pcap" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
		-o udp.check_checksum:TRUE -q -z expert,error >"$dir/out" 2>/dev/null
	check 'no errors for tshark' [ "$(grep -c '[^[:space:]]' "$dir/out")" = 0 ]
	tshark -r "$dir/two/fleet.pcap" -Y tls.handshake.type==1 -T fields \
		-e tls.handshake.extensions_server_name 2>/dev/null | sort >"$dir/a"
	awk -F'\t' '!/^#/ { print $10 == "-" ? "" : $10 }' "$dir/two/zeek/ssl.log" | sort >"$dir/b"
	check 'the server names that tshark reads' cmp -s "$dir/a" "$dir/b"

	# one of each hard kind: tunnels, pings, boots
	run 0 simulate --quiet --out "$dir/hard" --hosts 30 --days 0.5 --seed 4 --hard 20 --rate 0.3
	tshark -r "$dir/hard/fleet.pcap" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
		-o udp.check_checksum:TRUE -q -z expert,error >"$dir/out" 2>/dev/null
	check 'no errors for tshark in the hard kinds' [ "$(grep -c '[^[:space:]]' "$dir/out")" = 0 ]
	for filter in 'icmp.type==8 && icmp.checksum.status==1' 'dhcp.option.dhcp==5' arp.isgratuitous dns.txt 'dns.cname'; do
		tshark -r "$dir/hard/fleet.pcap" -Y "$filter" >"$dir/out" 2>/dev/null
		check "tshark reads $filter" [ -s "$dir/out" ]
	done
else
	echo 'skipped: tshark is not installed'
fi

finish
