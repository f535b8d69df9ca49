#include "CPictures.h"
#include "reason.h"
#include <stdlib.h>

typedef struct {
    const uint8_t *bytes;
    size_t left;
} source;

static void take(png_structp png, png_bytep output, size_t count) {
    source *from = png_get_io_ptr(png);
    if (count > from->left) png_error(png, "the file ends too early");
    memcpy(output, from->bytes, count);
    from->bytes += count;
    from->left -= count;
}

/// Asks for 8 bits of grey or of red, green and blue, whatever the file holds.
static void simplify(png_structp png) {
    png_color_16 black = {0};
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_background(png, &black, PNG_BACKGROUND_GAMMA_SCREEN, 0, 1.0);
}

/// The part that may jump. What must be freed lives in `picture`, not in locals that a jump could lose.
static int read_picture(png_structp png, png_infop info, uint64_t max_pixels, gp_picture *picture) {
    if (setjmp(png_jmpbuf(png))) return GP_DAMAGED;
    png_read_info(png, info);
    picture->height = png_get_image_height(png, info);
    picture->width = png_get_image_width(png, info);
    if ((uint64_t)picture->height * picture->width > max_pixels) return GP_TOO_LARGE;
    simplify(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    picture->channels = png_get_channels(png, info);
    size_t row = png_get_rowbytes(png, info);
    if ((picture->channels != 1 && picture->channels != 3) || row != (size_t)picture->width * picture->channels)
        png_error(png, "pixels of an unknown kind");
    // Zeroed, because an interlaced row is completed in several passes.
    picture->pixels = calloc(picture->height, row);
    if (!picture->pixels) return GP_NO_MEMORY;
    for (int pass = 0; pass < passes; pass++)
        for (uint32_t r = 0; r < picture->height; r++) png_read_row(png, picture->pixels + r * row, NULL);
    png_read_end(png, NULL);
    return GP_OK;
}

int gp_decode(const uint8_t *bytes, size_t count, uint64_t max_pixels, gp_picture *picture) {
    memset(picture, 0, sizeof *picture);
    if (count < 8 || png_sig_cmp(bytes, 0, 8)) return GP_NOT_PNG;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, picture->reason, gp_remember, gp_ignore);
    if (!png) return GP_NO_MEMORY;
    png_infop info = png_create_info_struct(png);
    source from = {bytes, count};
    int status = GP_NO_MEMORY;
    if (info) {
        png_set_read_fn(png, &from, take);
        // Sizes are judged above, by area and with a message of our own.
        png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
        // Texts, profiles and all else that no pixel needs is passed over without being unpacked.
        png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
        status = read_picture(png, info, max_pixels, picture);
    }
    png_destroy_read_struct(&png, &info, NULL);
    if (status != GP_OK) {
        free(picture->pixels);
        picture->pixels = NULL;
    }
    return status;
}

void gp_free(void *memory) { free(memory); }
