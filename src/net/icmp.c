/* SPDX-License-Identifier: Apache-2.0 */
#include "net/icmp.h"

#include <netinet/in.h>

static int icmpv4_counterpart(uint8_t type)
{
	switch (type) {
	case 0: /* echo */
		return 8;
	case 8:
		return 0;
	case 9: /* router advertisement, solicitation */
		return 10;
	case 10:
		return 9;
	case 13: /* timestamp */
		return 14;
	case 14:
		return 13;
	case 15: /* information */
		return 16;
	case 16:
		return 15;
	case 17: /* address mask */
		return 18;
	case 18:
		return 17;
	default:
		return -1;
	}
}

static int icmpv6_counterpart(uint8_t type)
{
	switch (type) {
	case 128: /* echo */
		return 129;
	case 129:
		return 128;
	case 130: /* multicast listener query, report */
		return 131;
	case 131:
		return 130;
	case 133: /* router solicitation, advertisement */
		return 134;
	case 134:
		return 133;
	case 135: /* neighbour solicitation, advertisement */
		return 136;
	case 136:
		return 135;
	case 139: /* node information */
		return 140;
	case 140:
		return 139;
	case 144: /* home agent discovery */
		return 145;
	case 145:
		return 144;
	default:
		return -1;
	}
}

int icmp_counterpart(uint8_t proto, uint8_t type)
{
	return proto == IPPROTO_ICMPV6 ? icmpv6_counterpart(type) : icmpv4_counterpart(type);
}
