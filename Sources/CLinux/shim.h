#pragma once
// What Linux has and the Glibc module leaves out.
#include <sys/pidfd.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

// Locks of an open file description, fcntl_locking(2). <fcntl.h> has their numbers only under _GNU_SOURCE.
enum { OFD_GETLK = 36, OFD_SETLK = 37, OFD_SETLKW = 38 };
