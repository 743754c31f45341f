#include "CTarFormat.h"

struct archive;
struct archive_entry;

// libarchive's tar writer calls it to word the error for a member that tar cannot hold, which none of ours is. In the static
// library it lies beside a table of all formats (archive_write_set_format.c), which would bring in libxml2, nettle, lzma and
// bz2. As the name is defined here, the linker does not look for it there.
//
// Weak: where another version of libarchive has it in an object that is linked anyway, that definition counts and no symbol
// is defined twice. Hidden: a libarchive that is loaded as a shared library keeps its own.
__attribute__((weak, visibility("hidden"))) void __archive_write_entry_filetype_unsupported(
    struct archive *archive, struct archive_entry *entry, const char *format) {
  (void)archive, (void)entry, (void)format;
}
