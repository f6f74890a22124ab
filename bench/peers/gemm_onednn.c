/* Times oneDNN's matrix product, dnnl_sgemm; gemm_peer.h says how it is asked. */
#include <dnnl.h>
#include <omp.h>
#include "gemm_peer.h"

static void prepare(int threads, char **program) {
    (void)program;
    omp_set_num_threads(threads);
    const dnnl_version_t *version = dnnl_version();
    fprintf(stderr, "oneDNN %d.%d.%d; threads %d\n", version->major, version->minor, version->patch, omp_get_max_threads());
}

static void product(enum form form, int M, int N, int K, const float *A, const float *B, float *C) {
    dnnl_status_t status = dnnl_sgemm(
        form == TN ? 'T' : 'N', form == NT ? 'T' : 'N', M, N, K,
        1.0f, A, form == TN ? M : K, B, form == NT ? K : N, 0.0f, C, N);
    if (status != dnnl_success) {
        fprintf(stderr, "dnnl_sgemm failed with status %d\n", (int)status);
        exit(1);
    }
}
