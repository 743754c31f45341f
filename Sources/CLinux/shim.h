#pragma once
// What Linux has and the Glibc module leaves out.
#include "facts.h"
#include "hook.h"
#include "sandbox.h"
#include <elf.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <sys/pidfd.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
// memmem(3); string.h shows it only to who asks for GNU's extensions.
void *memmem(const void *haystack, size_t length, const void *needle, size_t needle_length);
// memfd_create(2), likewise.
int memfd_create(const char *name, unsigned int flags);
#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 0x0001U
#endif
// <fcntl.h> has it only under _GNU_SOURCE.
#ifndef O_PATH
#define O_PATH 010000000
#endif
enum { QTCTL_O_PATH = O_PATH };
#ifndef O_TMPFILE
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif
enum { QTCTL_O_TMPFILE = O_TMPFILE };
// Likewise of <sys/statvfs.h>: ST_NOEXEC.
enum { QTCTL_ST_NOEXEC = 8 };

// openat2(2), for which glibc has no function. A folder's descriptor for this path, without a symlink on the way.
static inline int qtctl_open_folder_without_symlinks(const char *path) {
  struct open_how how = {0};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

// Locks of an open file description, fcntl_locking(2). <fcntl.h> has their numbers only under _GNU_SOURCE.
enum { OFD_GETLK = 36, OFD_SETLK = 37, OFD_SETLKW = 38 };

// syncfs(2), which <unistd.h> has only under _GNU_SOURCE.
static inline int qtctl_syncfs(int file) { return (int)syscall(SYS_syncfs, file); }

// renameat2(2) with RENAME_NOREPLACE: EEXIST where the new name is taken.
static inline int qtctl_rename_without_replacing(int folder, const char *name, int other_folder, const char *other) {
  return (int)syscall(SYS_renameat2, folder, name, other_folder, other, RENAME_NOREPLACE);
}
