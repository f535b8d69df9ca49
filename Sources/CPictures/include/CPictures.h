// PNG to and from memory through libpng, with limits. libpng reports errors by longjmp, which must not cross Swift, so every
// jump begins and ends in here.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
    GP_OK = 0,
    GP_NOT_PNG = 1,     // the signature is missing
    GP_DAMAGED = 2,     // cut off, a wrong checksum, an impossible header: `reason` says which
    GP_TOO_LARGE = 3,   // more pixels or bytes than the limit; height and width are set
    GP_NO_MEMORY = 4,
};

/// Rows from the top, pixels from the left, `channels` bytes each: 1 grey, 3 red, green, blue.
typedef struct {
    uint32_t height, width, channels;
    uint8_t *pixels;
    char reason[128];
} gp_picture;

/// Decodes any PNG to 8 bits. Palettes become colours, transparency is laid on black, 16 bits are rounded to 8. Nothing
/// larger than `max_pixels` is allocated for. On GP_OK the caller frees `pixels` with gp_free; else they are NULL.
int gp_decode(const uint8_t *bytes, size_t count, uint64_t max_pixels, gp_picture *picture);

/// Encodes `picture` at zlib's `level` (0 to 9). On GP_OK the caller frees *bytes with gp_free; else it is NULL.
int gp_encode(const gp_picture *picture, int level, uint8_t **bytes, size_t *count, char reason[128]);

void gp_free(void *memory);
