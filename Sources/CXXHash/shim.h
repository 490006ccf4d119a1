#pragma once
// The header-only form: hashing a hundred bytes should not cost a call through the PLT.
#define XXH_INLINE_ALL
#include <xxhash.h>
