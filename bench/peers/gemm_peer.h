/*
 * What the programs that time another library's single-precision matrix product have in common. Each defines
 *
 *     prepare(threads, program)       sets the number of threads and says on standard error what it runs on
 *     product(form, M, N, K, A, B, C) C[M,N] = the product, overwritten
 *
 * and includes this file. All matrices are row-major and packed. The forms:
 *
 *     nn  A[M,K] * B[K,N]        nt  A[M,K] * B'   with B stored [N,K]        tn  A' * B[K,N]   with A stored [K,M]
 *
 * The program takes the number of threads, checks every form against a plain loop, and then answers each line
 *
 *     FORM M N K SECONDS
 *
 * with "median best", both in seconds per call, until "exit" or the end of its input. It stays alive so that Habla can ask it
 * and measure itself in turns, on a machine whose speed changes from one second to the next.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum form { NN, NT, TN };

static const char *const form_names[] = { "nn", "nt", "tn" };

static void prepare(int threads, char **program);
static void product(enum form form, int M, int N, int K, const float *A, const float *B, float *C);

/* As Habla measures itself (MatrixProduct.cs): a quarter of the time to warm up, then batches of a millisecond, so that the clock
   does not count and a moment that another program took falls out of the median. */
#define BATCH_SECONDS 1e-3
#define FEWEST_BATCHES 3
#define MOST_BATCHES 1000

/* Idle threads of a library keep looking for work for up to 26 ms (OpenBLAS) and would slow down whoever measures next. */
#define REST_MICROSECONDS 60000

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Numbers in [-1, 1), on a 64-byte boundary. */
static float *random_matrix(size_t rows, size_t columns) {
    static unsigned state = 12345;
    size_t count = rows * columns, bytes = (count * sizeof(float) + 63) / 64 * 64;
    float *matrix = aligned_alloc(64, bytes);
    if (matrix == NULL) {
        fprintf(stderr, "no memory for a matrix of %zu x %zu\n", rows, columns);
        exit(1);
    }
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        matrix[i] = (float)(state >> 8) * (2.0f / 16777216.0f) - 1.0f;
    }
    return matrix;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void check(enum form form) {
    enum { M = 37, N = 29, K = 53 };
    float *A = random_matrix(M, K), *B = random_matrix(K, N), *C = random_matrix(M, N);
    product(form, M, N, K, A, B, C);
    for (int m = 0; m < M; m++)
        for (int n = 0; n < N; n++) {
            double sum = 0;
            for (int k = 0; k < K; k++)
                sum += (double)(form == TN ? A[k * M + m] : A[m * K + k]) * (form == NT ? B[n * K + k] : B[k * N + n]);
            if (!(fabs(sum - C[m * N + n]) < 1e-4)) {
                fprintf(stderr, "wrong product: form %s, C[%d,%d] is %g and should be %g\n",
                        form_names[form], m, n, C[m * N + n], sum);
                exit(1);
            }
        }
    free(A);
    free(B);
    free(C);
}

static void measure(enum form form, int M, int N, int K, double seconds) {
    float *A = random_matrix((size_t)M, (size_t)K), *B = random_matrix((size_t)K, (size_t)N);
    float *C = random_matrix((size_t)M, (size_t)N);
    double times[MOST_BATCHES];
    double start = now();
    int warm_up_calls = 0;
    do {
        product(form, M, N, K, A, B, C);
        warm_up_calls++;
    } while (warm_up_calls < 2 || now() - start < seconds / 4);

    start = now();
    product(form, M, N, K, A, B, C);
    int calls = (int)(BATCH_SECONDS / (now() - start));
    calls = calls < 1 ? 1 : calls;
    int batches = 0;
    double begin = now(), last = begin;
    while (batches < FEWEST_BATCHES || (last - begin < seconds && batches < MOST_BATCHES)) {
        for (int i = 0; i < calls; i++)
            product(form, M, N, K, A, B, C);
        double end = now();
        times[batches++] = (end - last) / calls;
        last = end;
    }
    free(A);
    free(B);
    free(C);
    qsort(times, (size_t)batches, sizeof(double), by_size);
    usleep(REST_MICROSECONDS);
    printf("%.9g %.9g\n", times[batches / 2], times[0]);
    fflush(stdout);
}

int main(int count, char **arguments) {
    int threads = count == 2 ? atoi(arguments[1]) : 0;
    if (threads < 1) {
        fprintf(stderr, "usage: %s THREADS; then lines \"nn|nt|tn M N K SECONDS\" on standard input\n", arguments[0]);
        return 2;
    }
    prepare(threads, arguments);
    for (enum form form = NN; form <= TN; form++)
        check(form);

    char line[256], name[8];
    int M, N, K;
    double seconds;
    while (fgets(line, sizeof line, stdin) != NULL && strncmp(line, "exit", 4) != 0) {
        int fields = sscanf(line, "%7s %d %d %d %lf", name, &M, &N, &K, &seconds);
        int form = 0;
        while (form <= TN && strcmp(name, form_names[form]) != 0)
            form++;
        if (fields != 5 || form > TN || M < 1 || N < 1 || K < 1 || !(seconds >= 0)) {
            fprintf(stderr, "not a line of the form \"nn|nt|tn M N K SECONDS\": %s", line);
            return 2;
        }
        measure((enum form)form, M, N, K, seconds);
    }
    return 0;
}
