#include <string.h>

// Something for each guard: an array on the stack, a call that can be checked, a function.
int main(int argc, char** argv) {
  char text[16];
  strcpy(text, argv[argc - 1]);
  return text[0];
}
