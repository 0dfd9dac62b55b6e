/* What PuTTY's windows/gss.c refers to: its own utilities in the small. */
#include <stdarg.h>

#include "putty.h"

HMODULE load_system32_dll(const char* name) { return LoadLibraryA(name); }

Filename* conf_get_filename(Conf* conf, int key) {
  static Filename none = {""};
  (void)conf, (void)key;
  return &none;
}

tree234* newtree234(cmpfn234 compare) { return (tree234*)compare; }
void* add234(tree234* tree, void* element) {
  (void)tree;
  return element;
}
void* find234(tree234* tree, void* element, cmpfn234 compare) {
  (void)tree, (void)element, (void)compare;
  return NULL;
}

void* safemalloc(size_t count, size_t size, size_t extra) {
  return malloc(count * size + extra + 1);
}
void safefree(void* block) { free(block); }
char* dupstr(const char* text) { return strdup(text); }
char* dupcat_fn(const char* first, ...) {
  va_list list;
  char* text = strdup(first);
  va_start(list, first);
  for (const char* part = va_arg(list, const char*); part != NULL;
       part = va_arg(list, const char*)) {
    text = realloc(text, strlen(text) + strlen(part) + 1);
    strcat(text, part);
  }
  va_end(list);
  return text;
}
char* dupprintf(const char* format, ...) { return strdup(format); }
wchar_t* dup_mb_to_wc(int page, int flags, const char* text) {
  (void)page, (void)flags, (void)text;
  return NULL;
}
void ssh_gssapi_bind_fns(struct ssh_gss_library* library) { (void)library; }
