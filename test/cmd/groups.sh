#!/bin/sh
# What is judged together: hopping beacons, peers, one case for one behaviour.
. "$(dirname "$0")/lib"

start=1700000000

# twenty ordinary hosts that look like nothing, over a day
ordinary() {
	conn_header
	for h in 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
		conn_noise 10.0.0.$h 198.51.100.1 $start 9 86000
		conn_noise 10.0.0.$h 198.51.100.2 $start 12 86000
	done
}

# hop HOST PERIOD COUNT KIND: with 10 % jitter, to another port, IPv4 or IPv6 address each time
hop() {
	awk -v host="$1" -v period="$2" -v count="$3" -v kind="$4" -v start=$start 'BEGIN {
		srand(7); t = start + 60
		for (i = 0; i < count; i++) {
			dest = "203.0.113.9"; port = 4444
			if (kind == "port") port = 20000 + int(rand() * 20000)
			if (kind == "v4") dest = "203.0.113." (1 + int(rand() * 250))
			if (kind == "v6") dest = sprintf("2001:db8:7:%x::%x", int(rand() * 65536), 1 + int(rand() * 60000))
			if (kind == "far") dest = sprintf("%d.%d.%d.7", 20 + int(rand() * 9), int(rand() * 200), int(rand() * 200))
			printf "%.6f\tH%s%d\t%s\t%d\t%s\t%d\ttcp\t-\t0.5\t%d\t0\tSF\tShADadFf\t6\t620\t5\t460\n",
				t, kind, i, host, 40000 + i, dest, port, 300 + int(rand() * 3000)
			t += period * (0.9 + 0.2 * rand())
		} }'
}

# another port each time: one case, at the period
{ ordinary; hop 10.0.0.5 600 140 port; } >"$dir/ports.log"
run 1 scan -q "$dir/ports.log"
prints 'One case to look at'
prints '203.0.113.9 ('
prints 'another port or address each time'
run 1 scan -q --format json "$dir/ports.log"
period=$(sed -n 's/.*"grouping":"address".*"period_s":\([0-9.]*\).*/\1/p' "$dir/out")
check "a period of 600 s, not ${period:-none}" awk -v p="${period:-0}" 'BEGIN { exit !(p > 580 && p < 620) }'
ports=$(head -n 1 "$dir/out" | grep -o '"ip":"203.0.113.9"' | wc -l)
check "every port in the list of destinations, not $ports" [ "$ports" -gt 130 ]

# another address of one network each time
{ ordinary; hop 10.0.0.5 600 140 v4; } >"$dir/v4.log"
run 1 scan -q "$dir/v4.log"
prints 'One case to look at'
prints '203.0.113.0/24:4444/tcp ('
{ ordinary; hop 10.0.0.5 600 140 v6; } >"$dir/v6.log"
run 1 scan -q --home 10.0.0.0/8 "$dir/v6.log"
prints 'One case to look at'
prints '2001:db8:7::/48:4444/tcp ('

# ... or of none in particular, on one port
{ ordinary; hop 10.0.0.5 600 140 far; } >"$dir/far.log"
run 1 scan -q "$dir/far.log"
prints 'One case to look at'
prints 'anywhere:4444/tcp ('

# calls at chance times that hop just as much are no case
{ ordinary; hop 10.0.0.5 600 140 v4 | awk -v OFS='\t' -v s=$start 'BEGIN { FS = "\t"; srand(3) } { $1 = sprintf("%.6f", s + rand() * 86000); print }' ; } >"$dir/chance.log"
run 0 scan -q "$dir/chance.log"

# one host, one rhythm, twelve peers: one case that lists them all
{ ordinary
  for p in 1 2 3 4 5 6 7 8 9 10 11 12; do
	conn_rows 10.0.0.5 $((30 + p)).7.8.9 $((5000 + 37 * p)) $((start + 71 * p)) 45 $((1800 + p)) | sed "s/\tC/\tC${p}x/"
  done
} >"$dir/peers.log"
run 1 scan -q "$dir/peers.log"
prints 'One case to look at'
prints 'many places at one pace'
run 1 scan -q --format json "$dir/peers.log"
check 'all twelve destinations' grep -q '"destination_count":12' "$dir/out"

# a ping on a timer to where nobody else goes is listed, and no case; multicast and broadcast are nobody
{ ordinary
  conn_rows 10.0.0.5 203.0.113.9 0 $start 140 600 | sed "s/\t4[0-9]*\t203/\t8\t203/; s/\ttcp\t/\ticmp\t/"
  conn_rows 10.0.0.5 239.1.2.3 4444 $start 140 600 | sed "s/\tC/\tM/; s/\ttcp\t/\tudp\t/"
  conn_rows 10.0.0.5 255.255.255.255 4444 $start 140 600 | sed "s/\tC/\tB/; s/\ttcp\t/\tudp\t/"
} >"$dir/icmp.log"
run 0 scan -qa "$dir/icmp.log"
prints '203.0.113.9/icmp'
check 'no multicast, no broadcast' sh -c "! grep -Eq '239.1.2.3|255.255.255.255' '$dir/out'"

# a hundred and twenty hosts of two days
fleet() {
	conn_header
	awk -v start=$start 'BEGIN { srand(5); for (h = 1; h <= 120; h++) for (i = 0; i < 40; i++)
		printf "%.6f\tN%d.%d\t10.0.%d.%d\t%d\t198.51.100.%d\t443\ttcp\t-\t0.5\t%d\t9000\tSF\tShADadFf\t6\t1620\t9\t9460\n",
			start + rand() * 172800, h, i, 1 + (h > 60), h, 40000 + i, 1 + i % 4, 300 + 900 * rand() }'
}

# slow HOSTS LAW PORT IN: each calls six times in two days, every eight hours with 30 % jitter, or by chance
slow() {
	awk -v hosts="$1" -v law="$2" -v port="$3" -v got="$4" -v start=$start 'BEGIN { srand(11)
		for (h = 1; h <= hosts; h++) { t = start + 28800 * rand()
			while (t < start + 172800) {
				printf "%.6f\tP%d.%d\t10.0.1.%d\t%d\t203.0.113.9\t%d\ttcp\t-\t0.5\t%d\t%d\tSF\tShADadFf\t6\t620\t5\t460\n",
					t, h, ++n, h, 40000 + n, port, 300 + int(rand() * 3000), got
				t += law == "chance" ? -28800 * log(1 - rand()) : 28800 * (0.7 + 0.6 * rand())
			} } }'
}

# ten hosts show what one does not: one case that names them all
{ fleet; slow 1 timer 4444 100; } >"$dir/one.log"
run 1 scan -qa "$dir/one.log"
check 'one host shows no rhythm' sh -c "! grep -q 'keeps a rhythm' '$dir/out'"
{ fleet; slow 10 timer 4444 100; } >"$dir/ten.log"
run 1 scan -q --format json "$dir/ten.log"
check 'ten hosts, most of them taken together' grep -Eq '"host_count":10,"hosts_pooled":([5-9]|10),' "$dir/out"
period=$(sed -n 's/.*"period_s":\([0-9.]*\).*/\1/p' "$dir/out" | head -n 1)
check "a period of 8 h, not ${period:-none}" awk -v p="${period:-0}" 'BEGIN { exit !(p > 26000 && p < 32000) }'
run 1 explain -q --case 1 "$dir/ten.log"
prints 'hosts taken together'
check 'one case' [ "$(grep -c '^#' "$dir/out")" = 1 ]

# ten hosts that call at chance times are not listed
{ fleet; slow 10 chance 443 9000; } >"$dir/ten.log"
run 0 scan -qa "$dir/ten.log"
check 'no rhythm by chance' sh -c "! grep -q '203.0.113.9' '$dir/out'"

# ten hosts with a new agent: a rhythm, which convicts nobody
{ fleet; slow 10 timer 443 9000; } >"$dir/ten.log"
run 0 scan -qa "$dir/ten.log"
prints '203.0.113.9'

# the same bytes on any number of threads
run 0 scan -qa --format json --threads 1 "$dir/ten.log"
cp "$dir/out" "$dir/first"
run 0 scan -qa --format json --threads 3 "$dir/ten.log"
check 'the same bytes on 3 threads' cmp -s "$dir/out" "$dir/first"

finish
