// How libpng's complaints reach the caller: the last error as text, warnings not at all.
#pragma once
#include <png.h>
#include <string.h>

static inline void gp_remember(png_structp png, png_const_charp message) {
    char *reason = png_get_error_ptr(png);
    strncpy(reason, message, 127);
    reason[127] = 0;
    png_longjmp(png, 1);
}

static inline void gp_ignore(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}
