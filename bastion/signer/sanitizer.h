// Whether this is a build with sanitizers: they write reports, look at memory and call what a filter does not expect.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BASTION_HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define BASTION_HAS_SANITIZER 1
#endif
#endif

#ifndef BASTION_HAS_SANITIZER
#define BASTION_HAS_SANITIZER 0
#endif
