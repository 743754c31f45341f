#pragma once
// What Linux has and the Glibc module leaves out.
#include <sys/statfs.h>
#include <sys/xattr.h>
