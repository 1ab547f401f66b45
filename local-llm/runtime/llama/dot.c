// The inner product that most of the model's time goes into. llama.cpp is built for any CPU since 2009 (SSE4.2), and its own form
// for those is a plain loop; this one takes 16 products at once. Building all of llama.cpp's variants for newer processors would
// take longer than the rest of Parlance; on a processor with AVX2, their form is a tenth faster than this one at our sizes.
// The same sums as `ggml_vec_dot_q8_0_q8_0`: blocks of 32 bytes with one 16-bit scale each.

#include <stddef.h>
#include <stdint.h>

#include <smmintrin.h>

typedef struct {
    uint16_t scale;
    int8_t values[32];
} block;

// llama.cpp's table from 16-bit to 32-bit numbers; filled before anything is computed.
extern float ggml_table_f32_f16[1 << 16];

void ggml_vec_dot_q8_0_q8_0(int n, float *s, size_t bs, const void *vx, size_t bx, const void *vy, size_t by, int nrc) {
    (void) bs, (void) bx, (void) by, (void) nrc;
    const block *x = vx, *y = vy;
    const __m128i ones = _mm_set1_epi16(1);
    __m128 sum = _mm_setzero_ps();
    for (int i = 0; i < n / 32; ++i) {
        __m128i products = _mm_setzero_si128();
        for (int half = 0; half < 32; half += 16) {
            const __m128i a = _mm_loadu_si128((const __m128i *) (x[i].values + half));
            const __m128i b = _mm_loadu_si128((const __m128i *) (y[i].values + half));
            // |a| times b with a's sign: the instruction takes one factor without sign.
            const __m128i pairs = _mm_maddubs_epi16(_mm_sign_epi8(a, a), _mm_sign_epi8(b, a));
            products = _mm_add_epi32(products, _mm_madd_epi16(pairs, ones));
        }
        const float scale = ggml_table_f32_f16[x[i].scale] * ggml_table_f32_f16[y[i].scale];
        sum = _mm_add_ps(sum, _mm_mul_ps(_mm_set1_ps(scale), _mm_cvtepi32_ps(products)));
    }
    sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
    *s = _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}
