/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd.h - the sub-commands; each returns the exit status of the program.
 */
#pragma once

int cmd_scan(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_prove(int argc, char **argv);
int cmd_simulate(int argc, char **argv);
