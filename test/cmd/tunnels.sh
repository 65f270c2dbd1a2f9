#!/bin/sh
# Tunnels in names and in pings, of packets and of logs; and what looks like them.
. "$(dirname "$0")/lib"

fleet() {
	run 0 simulate -q --out "$dir/fleet" --hosts 30 --days 0.3 --seed 11 --force "$@"
}

# twenty bytes every minute, through the fleet's own resolver
name='host=3,app=dns,type=a,period=60,out=20,in=40,jitter=0.6,name=t.quietfern.example'
ping='host=9,app=icmp,period=120,out=300,in=300,jitter=0.5'
fleet --format pcap,zeek,zeek-json --implant "$name" --implant "$ping"
for input in "$dir/fleet/fleet.pcap" "$dir/fleet/zeek" "$dir/fleet/zeek-json"; do
	[ -e "$input" ] || continue
	run 1 scan -q --format json "$input"
	prints '"kind":"tunnel"'
	prints '"destination":"quietfern.example"'
	prints '"grouping":"domain"'
	prints '"T1071.004"'
done
run 1 scan -q -v "$dir/fleet/fleet.pcap"
prints 'quietfern.example (look-ups, asked of 10.'
prints 'pings that carry something'
prints 'replies are not what was asked'
run 1 scan -q --threads 1 "$dir/fleet/fleet.pcap"
cp "$dir/out" "$dir/alone"
run 1 scan -q --threads 3 "$dir/fleet/fleet.pcap"
check 'the same on any number of threads' cmp -s "$dir/alone" "$dir/out"

# nobody carries anything: pings, look-ups and their look-alikes are no tunnels
fleet --format pcap,zeek --no-implants
for input in "$dir/fleet/fleet.pcap" "$dir/fleet/zeek"; do
	run 4 scan -q --format json "$input" # a third of a day is too little to be sure
	check "no tunnel in $input" sh -c "! grep -q '\"kind\":\"tunnel\"' '$dir/out'"
done

# dns.log alone, names never asked twice: the hash of a counter
awk 'BEGIN {
	OFS = "\t"
	print "#fields", "ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "query", "qtype", "rcode", "answers"
	print "#path", "dns"
	srand(3)
	for (i = 0; i < 400; i++) {
		label = ""
		for (k = 0; k < 32; k++) label = label substr("0123456789abcdef", 1 + int(rand() * 16), 1)
		print 1700000000 + 200 * i + int(rand() * 90), "C" i, "10.0.0.7", 40000 + i, "10.0.0.53", 53, "udp", label ".x.drift.example", 16, 0, "TXT 4 abcd"
		print 1700000000 + 200 * i + 1, "D" i, "10.0.0.8", 40000 + i, "10.0.0.53", 53, "udp", "www.drift" i % 5 ".example", 1, 0, "192.0.2.9"
	} }' >"$dir/dns.log"
run 1 scan -q -v "$dir/dns.log"
prints 'One case to look at'
prints '10.0.0.7'
prints 'drift.example (look-ups, asked of 10.0.0.53)'
prints '400 questions (100 % TXT)'
prints 'T1071.004'

finish
