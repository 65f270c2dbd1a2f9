#!/bin/sh
# Whatever is wrong with an input: one sentence, the right exit status, and
# nothing lost that was already understood.
. "$(dirname "$0")/lib"

conn_header >"$dir/conn.log"
conn_rows 10.0.0.5 203.0.113.9 4444 1700000000 200 300 >>"$dir/conn.log"
beacon='10.0.0.5'

# a pcap header and one packet: Ethernet, IPv4 10.0.0.1 > 192.0.2.1, UDP 1000 > 2000, no payload
packet='\0\0\0\0\0\1\0\0\0\0\0\2\10\0\105\0\0\34\0\0\0\0\100\21\0\0\12\0\0\1\300\0\2\1\3\350\7\320\0\10\0\0'
pcap_header='\324\303\262\241\2\0\4\0\0\0\0\0\0\0\0\0\377\377\0\0\1\0\0\0'
record='\0\361\123\145\0\0\0\0\52\0\0\0\52\0\0\0'

# truncated: cut inside the second packet; the first still counts
printf "$pcap_header$record$packet$record\0\0\0" >"$dir/cut.pcap"
run 3 scan -qa "$dir/cut.pcap" "$dir/conn.log"
says "$dir/cut.pcap: the file ends inside packet 2"
prints '1 packets (0 not IP) and 200 log rows'
prints "$beacon"

# zero-length
: >"$dir/empty"
run 3 scan -qa "$dir/empty" "$dir/conn.log"
says "$dir/empty"
prints "$beacon"

# text that calls itself a capture
echo 'Dear Sir, here is the capture you asked for.' >"$dir/text.pcap"
run 3 scan -qa "$dir/text.pcap" "$dir/conn.log"
says "$dir/text.pcap"
prints "$beacon"

# a directory of nonsense: nothing in it is ours, and that is said
mkdir "$dir/nonsense"
echo hello >"$dir/nonsense/a.txt"
head -c 1000 /dev/urandom >"$dir/nonsense/b.bin"
run 3 scan -qa "$dir/nonsense"
says "nothing to read: of 2 files none is a capture or a Zeek log"

# the same directory with one good file in it: the rest is skipped, counted and named
cp "$dir/conn.log" "$dir/nonsense/"
run 4 scan -qa "$dir/nonsense"
prints "$beacon"
prints '2 files without traffic that we read'
run 4 scan -a "$dir/nonsense"
check 'a skipped file is named' grep -q "2 files in directories were not read, among them $dir/nonsense/" "$dir/err"

# a pipe closed early
printf "$pcap_header$record$packet$record\0\0" | "$WATERTIGHT" scan -q - >"$dir/out" 2>"$dir/err"
check "exit status 3 for a pipe closed early" [ $? = 3 ]
says "ends inside packet 2"
prints '1 packets'

# a packet header that claims ten gigabytes
printf "$pcap_header$record$packet"'\0\361\123\145\0\0\0\0\0\0\0\240\0\0\0\240'"$packet" >"$dir/huge.pcap"
run 3 scan -qa "$dir/huge.pcap"
says "$dir/huge.pcap: packet 2"
prints '1 packets'

# unreadable (root may read anything, so also a file whose reading fails)
run 3 scan -qa "$dir/not-there"
says "$dir/not-there: cannot open: No such file or directory"
run 3 scan -qa /proc/self/mem "$dir/conn.log"
says /proc/self/mem
prints "$beacon"
if [ "$(id -u)" != 0 ]; then
	cp "$dir/conn.log" "$dir/locked"
	chmod 000 "$dir/locked"
	run 3 scan "$dir/locked"
	says "$dir/locked: Permission denied"
fi

# a row that cannot be parsed among good ones
cp "$dir/conn.log" "$dir/torn.log"
printf '1700000100.0\tCbad\tnot-an-address\n' >>"$dir/torn.log"
conn_rows 10.0.0.6 203.0.113.10 443 1700000000 3 60 >>"$dir/torn.log"
run 3 scan -qa "$dir/torn.log"
says "$dir/torn.log: line 207"
prints '203 log rows'
prints "$beacon"

# full disk on output
if [ -e /dev/full ]; then
	run 3 scan -q -o /dev/full "$dir/conn.log"
	says '/dev/full: No space left on device'
	"$WATERTIGHT" scan -q "$dir/conn.log" >/dev/full 2>"$dir/err"
	check 'exit status 3 for a full standard output' [ $? = 3 ]
	says 'standard output: No space left on device'
fi

# an output that cannot be opened is noticed
run 3 scan -q -o "$dir/no/such/dir" "$dir/conn.log"
says "$dir/no/such/dir: No such file or directory"

# a reader that leaves
{ "$WATERTIGHT" scan -q -v --all "$dir/conn.log" 2>"$dir/err"; echo $? >"$dir/status"; } | :
check 'no crash when the reader leaves' [ "$(cat "$dir/status")" -le 4 ]
check 'and no word about it' [ ! -s "$dir/err" ]

finish
