# What the scenario tests share.  Each test is a shell script that ends with 0;
# `check` says what was expected when it was not so, and the script goes on.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
: "${WATERTIGHT:=$here/build/test/watertight}"
[ -x "$WATERTIGHT" ] || { echo "$WATERTIGHT is not built"; exit 2; }
dir=$(mktemp -d) || exit 2
trap 'chmod -R u+rwx "$dir"; rm -rf "$dir"' EXIT
failures=0
tab=$(printf '\t')

# run STATUS ARGUMENTS...: the program must end with STATUS; its output is in $dir/out and $dir/err
run() {
	want=$1
	shift
	"$WATERTIGHT" "$@" >"$dir/out" 2>"$dir/err"
	got=$?
	check "exit status $want, not $got: watertight $*" [ "$got" = "$want" ]
}

check() {
	what=$1
	shift
	"$@" && return
	failures=$((failures + 1))
	echo "expected: $what"
	[ -s "$dir/err" ] && sed 's/^/    stderr: /' "$dir/err" | head -n 5
}

# says TEXT: stderr is one sentence (one line) that holds TEXT
says() {
	check "one sentence with \"$1\"" grep -qF -- "$1" "$dir/err"
	check "one line on stderr, not $(wc -l <"$dir/err")" [ "$(wc -l <"$dir/err")" = 1 ]
}

prints() {
	check "output with \"$1\"" grep -qF -- "$1" "$dir/out"
}

finish() {
	[ "$failures" = 0 ]
	exit
}

conn_header() {
	printf '#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n'
	printf '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\n'
}
# conn_rows HOST DEST PORT START COUNT PERIOD: a call every PERIOD seconds
conn_rows() {
	awk -v host="$1" -v dest="$2" -v port="$3" -v start="$4" -v count="$5" -v period="$6" 'BEGIN {
		for (i = 0; i < count; i++)
			printf "%.6f\tC%s%d\t%s\t%d\t%s\t%d\ttcp\t-\t0.5\t300\t200\tSF\tShADadFf\t6\t620\t5\t460\n",
				start + i * period, port, i, host, 40000 + i % 20000, dest, port }'
}

# conn_noise HOST DEST START COUNT SPAN: answered calls at chance times of a span of seconds
conn_noise() {
	awk -v host="$1" -v dest="$2" -v start="$3" -v count="$4" -v span="$5" 'BEGIN {
		split(host, part, "."); srand(part[4])
		for (i = 0; i < count; i++)
			printf "%.6f\tN%s%d\t%s\t%d\t%s\t443\ttcp\t-\t0.5\t%d\t9000\tSF\tShADadFf\t6\t1620\t9\t9460\n",
				start + rand() * span, host, i, host, 40000 + i, dest, 300 + 900 * rand() }'
}
