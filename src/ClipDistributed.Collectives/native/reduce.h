// What an all-reduce adds with: result = one + other, elementwise; result may be one or other.
#pragma once

#include <stddef.h>

namespace clipd {

void addFloat32(void* result, const void* one, const void* other, size_t count);
void addBFloat16(void* result, const void* one, const void* other, size_t count);

}  // namespace clipd
