/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claims.h - what the parsers found, written into the flow.
 *
 * Names go to the lane's names, fingerprints to its fingerprints, the answers of
 * a resolver to the name map.  Private to lane/; see opening.h.
 */
#pragma once

#include "lane/opening.h"
#include "proto/dns.h"
#include "proto/http.h"
#include "proto/socks.h"
#include "proto/ssh.h"
#include "proto/tls.h"

/*
 * The name is that of the real destination behind a proxy if the flow asked one
 * (CLAIM_PROXIED), be it an address; what a hello inside such a tunnel names is
 * only what its sender likes.
 */
void claims_hello(const struct opening_context *context, struct flow *flow,
		  const struct tls_hello *hello);
/* What is to be asked of the server's certificate; borrows from the context. */
struct x509_question claims_question(const struct opening_context *context,
				     const struct flow *flow);
void claims_server(const struct opening_context *context, struct flow *flow,
		   const struct tls_server *server, ns_t when);
void claims_request(const struct opening_context *context, struct flow *flow,
		    const struct http_request *request);
/*
 * ... read from inside a tunnel through a proxy.  Whoever is at its other end gets these
 * bytes, and may like to be taken for somebody else: the destination stays, unless
 * it is a machine of the fleet.
 */
void claims_inner_request(const struct opening_context *context, struct flow *flow,
			  const struct http_request *request);
void claims_socks(const struct opening_context *context, struct flow *flow,
		  const struct socks_request *request);
void claims_ssh(const struct opening_context *context, struct flow *flow,
		const struct ssh_hello *hello);

/* A message between a client (src of `ends`) and a resolver; answers feed the name map. */
void claims_dns(const struct opening_context *context, const struct tuple *ends,
		const struct dns_message *message, ns_t when);

/* This is what it speaks; a server's word counts for more, but for what a parser has read. */
void claims_app(struct flow *flow, enum app app, bool by_client);

/* A client's first bytes are none of the languages that we know. */
void claims_unknown(struct flow *flow, const uint8_t *bytes, size_t len);
