/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replay: runs a fuzz target once over each file named on the command line,
 * so that `make test` checks every seed without libFuzzer.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		uint8_t *bytes;
		long size;

		if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0) {
			perror(argv[i]);
			return 1;
		}
		rewind(file);
		bytes = malloc(size ? (size_t)size
				    : 1); /* exact size: ASan sees one byte too far */
		if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size) {
			perror(argv[i]);
			return 1;
		}
		fclose(file);
		LLVMFuzzerTestOneInput(bytes, (size_t)size);
		free(bytes);
	}
	return 0;
}
