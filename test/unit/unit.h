/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit.h - what every unit test includes first: cmocka and what it needs.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
