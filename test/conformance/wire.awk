# SPDX-License-Identifier: Apache-2.0
#
# Compare what wire_dump and tshark say of the same frames and print a row of
# agreements.  usage: awk -f wire.awk -v name=... OURS THEIRS
#
# The fields of THEIRS are listed in tools/conformance.  A field that is met
# twice in a frame (a tunnel's inside, the packet quoted in an ICMP error) is
# "outer;inner".

function first(list,   part) { split(list, part, ";"); return part[1] }

function last(list,   part) { return part[split(list, part, ";")] }

# Addresses of the IP headers in a frame down to ICMP, where only quotations follow.
function their_layers(   token, n, i, s4, d4, s6, d6, four, six, out) {
	split($3, s4, ";"); split($4, d4, ";"); split($7, s6, ";"); split($8, d6, ";")
	n = split($2, token, ":")
	for (i = 1; i <= n && token[i] !~ /^icmp/; i++) {
		if (token[i] == "ip") { four++; out = out " " s4[four] ">" d4[four] }
		if (token[i] == "ipv6") { six++; out = out " " s6[six] ">" d6[six] }
	}
	return substr(out, 2)
}

function lower_no_dot(text) { text = tolower(text); sub(/\.$/, "", text); return text }

# The name without its port and brackets, as http.h has it.
function bare_host(text) {
	text = lower_no_dot(text)
	if (text ~ /^\[/) { sub(/^\[/, "", text); sub(/\].*/, "", text); return text }
	sub(/:.*/, "", text)
	return lower_no_dot(text)
}

# tshark prints some bytes of a name as they are; ours are \DDD.
function has_odd_bytes(text) { return text ~ /[^ -~]|\\|[ ]/ }

function judge(what, ours, theirs) {
	total[what]++
	if (ours == theirs) { same[what]++; return }
	differs = 1
	if (verbose) print name, "frame", $1, what, "ours", ours, "theirs", theirs > "/dev/stderr"
}

# Sorted, joined by blanks.
function sorted(list, n,   i, j, t, out) {
	for (i = 2; i <= n; i++) {
		t = list[i]
		for (j = i - 1; j >= 1 && list[j] > t; j--) list[j + 1] = list[j]
		list[j + 1] = t
	}
	for (i = 1; i <= n; i++) out = out " " list[i]
	return out
}

BEGIN { FS = "\t" }

NR == FNR {
	verdict[$1] = $2; layers[$1] = $3; bytes[$1] = $4
	proto[$1] = $5; sport[$1] = $6; dport[$1] = $7; payload[$1] = $8
	for (i = 9; i <= NF; i++) {
		eq = index($i, "="); key = substr($i, 1, eq - 1)
		if (key == "a") { nans[$1]++; ans[$1, nans[$1]] = substr($i, eq + 1) }
		else { kind[$1] = key; claim[$1] = substr($i, eq + 1) }
	}
	next
}

{
	frames++
	stack = $2; v = verdict[$1]
	ip = stack ~ /(^|:)ip(v6)?(:|$)/
	if (v != "ok" && v != "fragment") left_out[v == "not_ip" ? "" : v]++
	if (layers[$1] == "") {
		if (v == "not_ip") judge("ip or not", "no", ip ? stack : "no")
		next
	}
	judge("ip or not", "ip", ip ? "ip" : stack)
	if (!ip) next

	theirs = their_layers()
	split(layers[$1], ours, " "); depth = split(theirs, part, " ")
	judge("addresses", ours[1], part[1])
	# tshark looks into a first piece; we wait for the whole
	if (v == "ok" && (depth > 1 || layers[$1] ~ / /)) judge("layers", layers[$1], theirs)
	six = part[1] ~ /:/
	their_len = six ? first($9) + (first($9) ? 40 : 0) : first($6)
	if (their_len > 0) judge("length", bytes[$1], their_len)

	# ports and names: not of fragments, nor where we do not mean the same packet, nor
	# where the IP length promises more than the frame ever had
	if (v != "ok" || layers[$1] != theirs || their_len > $24) next
	if (proto[$1] == 6 && $10 != "") {
		judge("ports", sport[$1] ">" dport[$1], last($10) ">" last($11))
		judge("payload", payload[$1], last($14))
		judge_names()
	} else if (proto[$1] == 17 && $12 != "") {
		judge("ports", sport[$1] ">" dport[$1], last($12) ">" last($13))
		if (last($15) >= 8 && last($15) <= $24) judge("payload", payload[$1], last($15) - 8)
		if ((sport[$1] == 53 || dport[$1] == 53) && $18 != "") judge_dns()
	}
}

function judge_names() {
	if ($16 != "" && !has_odd_bytes($16))
		judge("sni", kind[$1] == "sni" ? claim[$1] : "", lower_no_dot(first($16)))
	if ($17 != "" && $21 != "" && !has_odd_bytes($17))
		judge("http host", kind[$1] == "host" ? claim[$1] : "", bare_host(first($17)))
}

# tshark lists the addresses of all sections: compare where only answers can have any.
function judge_dns(   want, got, part, n, m, k, i) {
	if (!has_odd_bytes($18) && $18 != "<Root>")
		judge("dns name", claim[$1], lower_no_dot(first($18)))
	if ($22 != 0 || $23 != 0) return
	k = split($19, part, ";"); for (i = 1; i <= k; i++) want[++n] = part[i]
	k = split($20, part, ";"); for (i = 1; i <= k; i++) want[++n] = part[i]
	for (i = 1; i <= nans[$1]; i++) got[++m] = ans[$1, i]
	judge("dns answers", sorted(got, m), sorted(want, n))
}

END {
	row = sprintf("%-28s %7d", name, frames)
	k = split("ip or not,addresses,layers,length,ports,payload,sni,http host,dns name,dns answers", what, ",")
	for (i = 1; i <= k; i++) row = row sprintf(" %13s", total[what[i]] ? same[what[i]] + 0 "/" total[what[i]] : "-")
	for (v in left_out) if (v) row = row sprintf("  %s %d", v, left_out[v])
	print row
	exit differs
}
