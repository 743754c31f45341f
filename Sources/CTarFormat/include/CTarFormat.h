#pragma once
// Keeps what writes other formats than tar out of a program that links libarchive statically: see unsupported.c. Whoever
// writes an archive imports it.
