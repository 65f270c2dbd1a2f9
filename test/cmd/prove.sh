#!/bin/sh
# What prove says of implants that were not there comes true when they are.
. "$(dirname "$0")/lib"

# usage: one sentence, nothing read
run 2 prove
says 'no file is named'
run 2 prove --at sometimes x
says 'sometimes'
run 2 prove --level 1 x
says '--level'
run 2 prove --implant period=never "$dir"
says 'period wants seconds'
run 2 prove --implant hop=24 "$dir"
says 'one destination'
run 0 prove --help
prints 'not dns, ntp, icmp, shell'
# the manual's part on prove names every option of it
sed -n '/^.Ss Options of prove/,/^.Sh ENVIRONMENT/p' "$here/docs/watertight.1" | sed 's/\\-/-/g' >"$dir/manual"
for option in $(sed -n 's/^  .*--\([a-z-]*\).*/\1/p' "$dir/out" | grep -v help); do
	check "the manual on prove --$option" grep -qE -- "(Fl|,) (Fl )?-$option\b" "$dir/manual"
done
for option in at level confidence jitter missed implant trials packets seed picture format home memory threads quiet; do
	prints "--$option"
	escaped=$(echo "-$option" | sed 's/-/\\-/g')
	check "--$option in the manual page" grep -qF -- "$escaped" "$here/docs/watertight.1"
done

# nothing to read, and nothing to inject into
run 3 prove -q "$dir/nowhere"
{ conn_header; conn_rows 10.0.0.5 10.0.0.9 4444 1700000000 200 300; } >"$dir/inside.log"
run 4 prove -q "$dir/inside.log"
says 'nothing to inject into'

fleet() { # DIRECTORY IMPLANT...: the same 40 servers for a day, with and without
	out=$1
	shift
	run 0 simulate -q --out "$out" --format zeek --hosts 40 --days 1 --seed 9 "$@"
}
power() { # IMPLANT: of how many it was said to be reported, in a hundred
	"$WATERTIGHT" prove -q --format json --implant "$1" "$dir/quiet/zeek" 2>"$dir/err" |
		awk -F'"power":' '/"destination":"(address|name)"/ { split($2, p, ","); print int(100 * p[1]) }'
}
reported() { # DIRECTORY DESTINATION: is there a case?
	"$WATERTIGHT" scan -q "$1/zeek" >"$dir/out" 2>"$dir/err"
	grep -qF "$2" "$dir/out"
}
unreported() {
	! reported "$1" "$2"
}
fleet "$dir/quiet" --no-implants

# an implant that cannot be missed, one that cannot be seen for its pace, one for its manners
loud='period=600,jitter=0.2,missed=0.1,out=420,in=180'
slow='period=28000,jitter=0.7,out=420,in=180'
mild='period=600,jitter=0.2,name=any,out=420,in=180'
check "certain of $loud, not $(power $loud) %" [ "$(power $loud)" -ge 95 ]
check "no hope of $slow, not $(power $slow) %" [ "$(power $slow)" -le 5 ]
check "no hope of $mild, not $(power $mild) %" [ "$(power $mild)" -le 5 ]
n=230
for implant in "$loud" "$slow" "$mild"; do
	n=$((n + 1))
	fleet "$dir/with$n" --implant "$implant,host=$((n - 220)),dest=192.0.2.$n:443"
done
check 'the loud one is a case' reported "$dir/with231" 192.0.2.231:443
check 'the slow one is none' unreported "$dir/with232" 192.0.2.232:443
check 'the mild one is none' unreported "$dir/with233" 192.0.2.233:443

# power falls with jitter, and the same seed gives the same bytes on any number of threads
three="--implant period=3600,jitter=0.1 --implant period=3600,jitter=0.5 --implant period=3600,jitter=0.9"
run 0 prove -q --format json $three --threads 1 "$dir/quiet/zeek"
cp "$dir/out" "$dir/first"
check 'less power with more jitter' awk -F'"reported":' '/"destination":"address"/ {
	split($2, n, ","); if (seen && n[1] > last) bad = 1; last = n[1]; seen++ } END { exit bad || seen < 3 }' "$dir/first"
for threads in 2 5; do
	run 0 prove -q --format json $three --threads $threads "$dir/quiet/zeek"
	check "the same bytes on $threads threads" cmp -s "$dir/out" "$dir/first"
done
run 0 prove -q --format json $three --seed 2 "$dir/quiet/zeek"
check 'another seed, other implants' sh -c "! cmp -s '$dir/out' '$dir/first'"

# a broken file is said, the proof is printed, and the status is 3
mkdir "$dir/broken" && cp "$dir"/quiet/zeek/*.log "$dir/broken" && printf 'broken\n' >>"$dir/broken/conn.log"
run 3 prove -q --implant "$loud" "$dir/broken"
prints 'Power of the implants asked for'
check 'one line on stderr' [ "$(wc -l <"$dir/err")" = 1 ]

# all of it: a sentence, tables, JSON that parses, a picture that parses; packets that agree
run 0 simulate -q --out "$dir/small" --format pcap --hosts 8 --days 1 --seed 3 --no-implants
quick='--trials 1 --level 0.8 --confidence 0.8'
run 0 prove -q $quick --packets 6 --picture "$dir/picture.svg" "$dir/small/fleet.pcap"
for text in 'What would have been found' 'What this does not speak of' 'host-hours were not seen' \
	'Slowest period certified' '6 implants were also written as packets'; do
	prints "$text"
done
prints 'for 6 of the 6 the two agree'
check 'a picture' grep -q '^</svg>$' "$dir/picture.svg"
check 'no capture is left behind' sh -c '! ls "${TMPDIR:-/tmp}"/watertight-*/implant-0.pcap 2>/dev/null'
run 0 prove -q $quick --format json "$dir/small/fleet.pcap"
if command -v python3 >/dev/null; then
	check 'every line parses strictly' python3 -c 'import json, sys
for line in open(sys.argv[1]): json.loads(line, parse_constant=lambda c: 1 / 0)' "$dir/out"
	check 'the picture parses' python3 -c 'import sys, xml.dom.minidom
xml.dom.minidom.parse(sys.argv[1])' "$dir/picture.svg"
fi
run 2 prove -q --implant "$loud" --packets 1 - <"$dir/small/fleet.pcap"
says 'only once'
finish
