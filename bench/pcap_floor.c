/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcap_floor - the least that libpcap costs: count the packets of a file.
 */
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>

struct count {
	uint64_t packets, bytes;
};

static void on_packet(u_char *arg, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct count *count = (struct count *)(void *)arg;

	(void)bytes;
	count->packets++;
	count->bytes += header->caplen;
}

int main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE];
	struct count count = {0, 0};
	pcap_t *pcap = argc == 2 ? pcap_open_offline(argv[1], why) : NULL;

	if (!pcap || pcap_loop(pcap, 0, on_packet, (u_char *)&count) < 0)
		return 1;
	printf("%llu packets, %llu bytes\n", (unsigned long long)count.packets,
	       (unsigned long long)count.bytes);
	pcap_close(pcap);
	return 0;
}
