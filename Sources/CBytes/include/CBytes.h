//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

// What Swift's vectors lack: to gather the answers of a comparison into the bits of a word.

#ifndef CBYTES_H
#define CBYTES_H

#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/// Which of sixty-four bytes a JSON string cannot go past without a look: a quote, a backslash, a control character, or
/// one that is not ASCII. The first byte has the lowest bit.
static inline uint64_t cbytes_stops(const uint8_t *_Nonnull bytes) {
    uint64_t stops = 0;
#if defined(__SSE2__)
    const __m128i space = _mm_set1_epi8(0x20), quote = _mm_set1_epi8(0x22), slash = _mm_set1_epi8(0x5C);
    for (int part = 0; part < 4; part++) {
        __m128i lanes = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
        // As signed numbers, bytes that are not ASCII are below those of the control characters.
        __m128i found = _mm_or_si128(_mm_cmplt_epi8(lanes, space),
            _mm_or_si128(_mm_cmpeq_epi8(lanes, quote), _mm_cmpeq_epi8(lanes, slash)));
        stops |= (uint64_t)(uint32_t)_mm_movemask_epi8(found) << (16 * part);
    }
#elif defined(__aarch64__)
    const int8x16_t space = vdupq_n_s8(0x20), quote = vdupq_n_s8(0x22), slash = vdupq_n_s8(0x5C);
    const uint8x16_t bits = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    for (int part = 0; part < 4; part++) {
        int8x16_t lanes = vld1q_s8((const int8_t *)(bytes + 16 * part));
        uint8x16_t found = vorrq_u8(vcltq_s8(lanes, space), vorrq_u8(vceqq_s8(lanes, quote), vceqq_s8(lanes, slash)));
        uint8x16_t chosen = vandq_u8(found, bits);
        uint64_t low = vaddv_u8(vget_low_u8(chosen)), high = vaddv_u8(vget_high_u8(chosen));
        stops |= (low | high << 8) << (16 * part);
    }
#else
    for (int index = 0; index < 64; index++) {
        uint8_t byte = bytes[index];
        stops |= (uint64_t)(byte < 0x20 || byte > 0x7F || byte == 0x22 || byte == 0x5C) << index;
    }
#endif
    return stops;
}

#endif
