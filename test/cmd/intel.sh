#!/bin/sh
# A listed place is a case from the first flow or look-up on, and says which list names it.
. "$(dirname "$0")/lib"

dns_header() {
  printf '#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n'
  printf '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\tanswers\n'
}
{ conn_header
  conn_rows 10.0.0.5 203.0.113.9 443 1700000000 1 300
  for h in 6 7 8 9 10 11 12 13 14 15 16 17; do conn_noise 10.0.0.$h 198.51.100.1 1700000000 60 100000; done
} >"$dir/conn.log"
{ dns_header
  printf '1700000100.0\tD1\t10.0.0.8\t5000\t10.0.0.2\t53\tudp\tcdn.bad.example\t-\n'
  printf '1700000200.0\tD2\t10.0.0.9\t5000\t10.0.0.2\t53\tudp\tfine.example\t203.0.113.77\n'
  printf '1700000300.0\tD3\t10.0.0.9\t5000\t10.0.0.2\t53\tudp\tgood.example\t198.51.100.9\n'
} >"$dir/dns.log"

# nothing without lists
run 0 scan -q "$dir/conn.log" "$dir/dns.log"

# one call to a listed address
printf '# c2 servers\n203.0.113.9 Test family\n' >"$dir/c2.txt"
run 1 explain -q --intel "$dir/c2.txt" "$dir/conn.log" "$dir/dns.log"
prints 'One case to look at'
prints 'listed: 10.0.0.5 > 203.0.113.9:443/tcp'
prints "the address is listed: 203.0.113.9 in $dir/c2.txt line 2, Test family"
prints '1 indicators of 1 list'

# look-ups that no call followed: of a listed name, and with an answer that is listed; a directory
mkdir "$dir/lists"
printf 'bad[.]example\n' >"$dir/lists/a.txt"
printf '"first_seen_utc","dst_ip","dst_port","malware"\n"x","203.0.113.77","443","QakBot"\n' >"$dir/lists/b.csv"
run 1 scan -q --intel "$dir/lists" "$dir/conn.log" "$dir/dns.log"
prints '2 cases to look at'
prints 'cdn.bad.example (looked up)'
prints 'fine.example (looked up)'

# a pipe in a directory is passed by, a link back to it is not followed
mkdir "$dir/odd"
cp "$dir/c2.txt" "$dir/odd/a.txt"
mkfifo "$dir/odd/b.txt"
ln -s . "$dir/odd/c"
timeout 20 "$WATERTIGHT" explain -q --intel "$dir/odd" "$dir/conn.log" >"$dir/odd.out"
check 'a directory with a pipe ends, and each list is read once' grep -q '1 indicators of 1 list;' "$dir/odd.out"

# JSON says which entry
run 1 scan -q --format json --intel "$dir/c2.txt" --intel "$dir/lists" "$dir/conn.log" "$dir/dns.log"
check 'three alerts' [ "$(grep -c '"event_type":"alert"' "$dir/out")" = 3 ]
prints '"listed":{"indicator":"203.0.113.9"'
prints '"about":"Test family"'
prints '"lists":{"count":3,"broken":0,"useless":0,"indicators":3'

# a popular place on a list is one case, whoever calls it
printf '198.51.100.1\n' >"$dir/popular.txt"
run 1 explain -q --intel "$dir/popular.txt" "$dir/conn.log"
prints 'One case to look at'
prints '12 of 13 hosts go there: is the list right?'

# what cannot be read is told in one sentence, and costs nothing else
printf 'garbage line\n10.0.0.9\n203.0.113.9\n' >"$dir/odd.txt"
run 1 scan --intel "$dir/odd.txt" "$dir/conn.log"
check 'what was left out is said' grep -qF "$dir/odd.txt: line 1: it is no indicator that we know; of 3 entries 1 were refused and 1 not understood" "$dir/err"

# a list that cannot be read is gone without, and so says the exit status
run 3 scan -q --intel "$dir/nowhere" "$dir/conn.log"
says "$dir/nowhere: No such file or directory; going on without it"
prints '1 list could not be read, and was not asked'
printf '{"type":"bundle","objects":[' >"$dir/broken.json"
run 3 scan -q --intel "$dir/broken.json" --intel "$dir/c2.txt" "$dir/conn.log"
says "$dir/broken.json: line 1:"
check 'one sentence' [ "$(wc -l <"$dir/err")" = 1 ]
prints 'One case to look at'
prints '1 list could not be read, and was not asked'
run 3 scan -q --format json --intel "$dir/broken.json" "$dir/conn.log"
prints '"lists":{"count":0,"broken":1,"useless":0,'

# a list that gives nothing says so, in the report even when all else is quiet
printf 'this is\nno list\n' >"$dir/useless.txt"
run 0 scan --intel "$dir/useless.txt" "$dir/conn.log"
check 'nothing is used' grep -qF 'nothing of this list is used' "$dir/err"
run 0 scan -q --intel "$dir/useless.txt" "$dir/conn.log"
prints '1 list gave no indicator at all'
run 0 scan -q --format json --intel "$dir/useless.txt" "$dir/conn.log"
prints '"lists":{"count":1,"broken":0,"useless":1,'

# what a list calls harmless
printf '{"type":"indicator","spec_version":"2.1","indicator_types":["benign"],"pattern_type":"stix",' >"$dir/benign.json"
printf '"pattern":"[ipv4-addr:value = '"'203.0.113.9'"']"}' >>"$dir/benign.json"
run 0 scan -q --intel "$dir/benign.json" "$dir/conn.log"
prints '1 called harmless'

# the same on any number of threads
run 1 scan -q --threads 1 --intel "$dir/lists" "$dir/conn.log" "$dir/dns.log"
mv "$dir/out" "$dir/one"
run 1 scan -q --threads 5 --intel "$dir/lists" "$dir/conn.log" "$dir/dns.log"
check 'the same report' cmp -s "$dir/out" "$dir/one"

# the catalogue of ordinary services: its version, one's own on top, mistakes
run 0 scan -q "$dir/conn.log"
prints 'names of ordinary services'
printf 'version ours\n203.0.113.9 | tcp/443 | - | strong | our backup | it is ours | wiki\n' >"$dir/own.conf"
run 1 explain -q --catalogue "$dir/own.conf" --intel "$dir/c2.txt" "$dir/conn.log"
prints 'catalogue  ours'
prints 'known-service: our backup (203.0.113.9): it is ours'
printf 'our.example | tcp/443 | often | strong | x | y | z\n' >"$dir/own.conf"
run 3 scan -q --catalogue "$dir/own.conf" "$dir/conn.log"
says "own.conf: line 1: the third field is a period"

finish
