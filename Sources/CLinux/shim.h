#pragma once
// What Linux has and the Glibc module leaves out.
#include <linux/fs.h>
#include <sys/pidfd.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <stddef.h>
// memmem(3); string.h shows it only to who asks for GNU's extensions.
void *memmem(const void *haystack, size_t length, const void *needle, size_t needle_length);
// memfd_create(2), likewise.
int memfd_create(const char *name, unsigned int flags);
#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 0x0001U
#endif

// Locks of an open file description, fcntl_locking(2). <fcntl.h> has their numbers only under _GNU_SOURCE.
enum { OFD_GETLK = 36, OFD_SETLK = 37, OFD_SETLKW = 38 };
