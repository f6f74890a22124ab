/* Times OpenBLAS's matrix product, cblas_sgemm; gemm_peer.h says how it is asked. */
#include <cblas.h>
#include "gemm_peer.h"

static void prepare(int threads, char **program) {
    /* The library read this when it was loaded. Without it, it takes the kernels that it holds best for the processor. */
    if (getenv("OPENBLAS_CORETYPE") != NULL) {
        unsetenv("OPENBLAS_CORETYPE");
        unsetenv("OPENBLAS_L2_SIZE");
        execv("/proc/self/exe", program);
    }
    openblas_set_num_threads(threads);
    fprintf(stderr, "%s; kernels for %s, threads %d\n",
            openblas_get_config(), openblas_get_corename(), openblas_get_num_threads());
}

static void product(enum form form, int M, int N, int K, const float *A, const float *B, float *C) {
    cblas_sgemm(
        CblasRowMajor, form == TN ? CblasTrans : CblasNoTrans, form == NT ? CblasTrans : CblasNoTrans, M, N, K,
        1.0f, A, form == TN ? M : K, B, form == NT ? K : N, 0.0f, C, N);
}
