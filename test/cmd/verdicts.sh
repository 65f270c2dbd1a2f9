#!/bin/sh
# The exit status says what was found, and the output says what was seen.
. "$(dirname "$0")/lib"

# a beacon on an odd port that nobody else calls and that only sends: a case, exit 1
{ conn_header
  conn_rows 10.0.0.5 203.0.113.9 4444 1700000000 200 300 | sed 's/\t200\tSF/\t0\tSF/'
  for h in 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do conn_noise 10.0.0.$h 198.51.100.1 1700000000 9 100000; done
} >"$dir/conn.log"
run 1 scan -q "$dir/conn.log"
prints '203.0.113.9:4444/tcp'
prints 'keeps a rhythm'
prints '5.00 min'

# every finding explains itself
run 1 explain -q --case 1 "$dir/conn.log"
for word in for score next unless seen every; do prints "   $word "; done

# nothing outbound: inconclusive, exit 4, and a warning about home
{ conn_header; conn_rows 10.0.0.5 10.0.0.9 4444 1700000000 200 300; } >"$dir/inside.log"
run 4 scan "$dir/inside.log"
says '--home'
prints 'Inconclusive: no outbound flow was seen'
# the same traffic, when only the caller is home
run 4 scan -qa --home 10.0.0.5 "$dir/inside.log"
prints '10.0.0.9:4444'

# enough traffic and nothing odd: clean, exit 0
{ conn_header
  for h in 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do conn_noise 10.0.0.$h 198.51.100.1 1700000000 90 120000; done
} >"$dir/clean.log"
run 0 scan -q "$dir/clean.log"
prints 'Nothing here looks like a call-home'
prints '1,800 log rows'

# a few hours are no proof
{ conn_header; conn_noise 10.0.0.5 203.0.113.9 1700000000 70 20000; } >"$dir/short.log"
run 4 scan -q "$dir/short.log"
prints 'less than a day of traffic was seen'

# nor are a few calls now and a last one days later: nobody was watching in between
{ conn_header
  conn_noise 10.0.0.5 203.0.113.9 1700000000 8 60
  conn_noise 10.0.0.6 203.0.113.9 1700198720 1 60
} >"$dir/sparse.log"
run 4 scan -q "$dir/sparse.log"
prints 'fewer than 22 different hours had any traffic'
# twenty-two hours of the clock do, be they all that was seen in three days
{ conn_header
  for h in 0 1 2 3 4 5 6 7 8 9 10 40 41 42 43 44 45 46 47 48 49; do
	conn_noise 10.0.0.5 203.0.113.9 $((1699999200 + 3600 * h)) 9 3599
  done
} >"$dir/shift.log"
run 4 scan -q "$dir/shift.log"
conn_noise 10.0.0.5 203.0.113.9 $((1699999200 + 3600 * 60)) 9 3599 >>"$dir/shift.log"
run 0 scan -q "$dir/shift.log"

# one is not many
{ conn_header; conn_noise 10.0.0.5 203.0.113.9 1700000000 1 60; } >"$dir/one.log"
run 4 scan -qav "$dir/one.log"
prints ' of 1 host;'
{ cat "$dir/clean.log"; conn_rows 10.0.0.6 203.0.113.9 4444 1700040000 1 300; } >"$dir/once.log"
run 0 scan -qav "$dir/once.log"
prints ': 1 call, '
run 4 scan -qa "$dir/inside.log"
check 'one full stop' sh -c "! grep -q '[?.][.]$' '$dir/out'"
run 2 explain -q --case 1 "$dir/inside.log"
says 'there is no case 1; the list is empty'

# cases that the list has no room for are said, and not called harmless
{ cat "$dir/conn.log"
  conn_rows 10.0.0.4 203.0.113.19 4445 1700000100 150 400 | sed 's/\t200\tSF/\t0\tSF/'
} >"$dir/two.log"
run 1 scan -q --top 1 "$dir/two.log"
prints '2 cases to look at'
prints '1 more is not shown: --top 1.'
check 'one row only' [ "$(grep -c '203\.0\.113' "$dir/out")" = 1 ]

# a case that is not there
run 2 explain -q --case 99 "$dir/conn.log"
says 'there is no case 99'

# a report is never written over an input
cp "$dir/conn.log" "$dir/precious.log"
run 2 scan -q -o "$dir/precious.log" "$dir/precious.log"
says 'is an input'
check 'the input is untouched' cmp -s "$dir/conn.log" "$dir/precious.log"

# JSON: one object a line, alerts first, stats last
run 1 scan -q --format json "$dir/conn.log"
check 'the last line holds the stats' sh -c "tail -n 1 '$dir/out' | grep -q '\"event_type\":\"stats\"'"
prints '"event_type":"alert"'
prints '"src_ip":"10.0.0.5"'
period=$(sed -n 's/.*"period_s":\([0-9.]*\).*/\1/p' "$dir/out" | head -n 1)
check "a period of 300 s, not ${period:-none}" awk -v p="${period:-0}" 'BEGIN { exit !(p > 298 && p < 302) }'
if command -v python3 >/dev/null; then
	check 'every line parses strictly' python3 -c 'import json, sys
for line in open(sys.argv[1]): json.loads(line, parse_constant=lambda c: 1 / 0)' "$dir/out"
fi

# the same bytes whatever the number of threads, and from standard input
cp "$dir/out" "$dir/first"
for threads in 1 2 8; do
	run 1 scan -q --format json --threads $threads "$dir/conn.log"
	check "the same bytes on $threads threads" cmp -s "$dir/out" "$dir/first"
done
"$WATERTIGHT" scan -q --format json - <"$dir/conn.log" >"$dir/out" 2>"$dir/err"
check 'the same bytes from standard input' cmp -s "$dir/out" "$dir/first"

# no escape sequence reaches a pipe, nor a terminal that asked for none
run 1 scan -q "$dir/conn.log"
check 'no colour in a pipe' sh -c "! grep -q '$(printf '\033')' '$dir/out'"
finish
