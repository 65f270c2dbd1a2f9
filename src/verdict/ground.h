/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ground.h - what a verdict rests on, kept so that one more group can be judged
 * by the same measure (verdict/probe.h).
 */
#pragma once

#include "verdict/company.h"
#include "verdict/timers.h"
#include "verdict/weigh.h"

struct ground {
	struct weights weights;
	struct judgement *judged; /* one for each group of the fleet ... */
	bool *timer;		  /* ... and whether it is one */
	struct timers timers;
	struct company company;
};
