#!/bin/sh
# Wrong usage: one sentence on stderr, exit status 2, nothing read.
. "$(dirname "$0")/lib"

run 2 scan
says 'no file is named'
run 2 scan --no-such-option x
says '--no-such-option'
run 2 scan --home not-a-network x
says 'not-a-network'
run 2 scan --home
says 'missing'
run 2 scan --format xml x
says 'xml'
run 2 scan --memory 12Q x
says '12Q'
run 2 scan --false-discovery 2 x
says '--false-discovery'
run 2 scan --all=yes x
says '--all'
run 2 nonsense
says 'nonsense'
"$WATERTIGHT" >"$dir/out" 2>"$dir/err"
check 'exit status 2 without a command' [ $? = 2 ]

# help goes to standard output and is no error; it names every option
for command in scan explain; do
	run 0 "$command" --help
	prints "usage: watertight $command"
	for option in home format output all top false-discovery prior memory threads no-color quiet help; do
		prints "--$option"
	done
done
run 0 --version
prints 'watertight 0.'
run 0 --help
prints 'scan'
# the manual page names every option, too
for option in home format output all top false-discovery prior memory threads no-color quiet case verbose; do
	escaped=$(echo "-$option" | sed 's/-/\\-/g')
	check "--$option in the manual page" grep -qF -- "$escaped" "$here/docs/watertight.1"
done
finish
