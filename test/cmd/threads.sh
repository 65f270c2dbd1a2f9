#!/bin/sh
# The same input gives the same bytes, however many threads work on it and
# however it is packed.
. "$(dirname "$0")/lib"

run 0 simulate -q --out "$dir/fleet" --format pcap --hosts 12 --days 0.2 --seed 3
capture=$dir/fleet/fleet.pcap
check "a capture of some size" [ "$(wc -c <"$capture")" -gt 1000000 ]
"$WATERTIGHT" scan -q --all --threads 1 --format json "$capture" >"$dir/one"
check "a report" [ -s "$dir/one" ]
for threads in 2 3 8 13; do
	for round in 1 2; do
		"$WATERTIGHT" scan -q --all --threads $threads --format json "$capture" >"$dir/more"
		check "the same report on $threads threads (round $round)" cmp "$dir/one" "$dir/more"
	done
done
gzip -c "$capture" >"$dir/fleet.pcap.gz"
"$WATERTIGHT" scan -q --all --threads 2 --format json - <"$dir/fleet.pcap.gz" >"$dir/more"
check "the same report from a packed pipe" cmp "$dir/one" "$dir/more"
finish
