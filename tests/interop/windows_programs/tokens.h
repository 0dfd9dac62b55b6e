/* Tokens on standard input and output: one line each, "TOKEN" or another word and hexadecimal. */
#ifndef EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_TOKENS_H_
#define EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_TOKENS_H_
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void send_line(const char* word, const void* octets, size_t size) {
  printf("%s ", word);
  for (size_t i = 0; i < size; ++i) {
    printf("%02x", ((const unsigned char*)octets)[i]);
  }
  printf("\n");
  fflush(stdout);
}

/* The size; the octets are good until the next call. */
static inline size_t receive_line(unsigned char** octets) {
  static char line[262144];
  static unsigned char buffer[sizeof(line) / 2];
  unsigned value = 0;
  size_t size = 0;
  if (fgets(line, sizeof(line), stdin) == NULL) {
    fprintf(stderr, "no line came\n");
    exit(1);
  }
  while (sscanf(line + 2 * size, "%2x", &value) == 1) {
    buffer[size++] = (unsigned char)value;
  }
  *octets = buffer;
  return size;
}

static inline void require(int holds, const char* what) {
  if (!holds) {
    fprintf(stderr, "%s\n", what);
    exit(1);
  }
}

#endif /* EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_TOKENS_H_ */
