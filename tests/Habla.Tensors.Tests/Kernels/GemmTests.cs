using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

public unsafe class GemmTests
{
    private static readonly int[] s_sizes = [1, 2, 3, 11, 12, 13, 16, 31, 32, 33, 65, 257];

    public static TheoryData<bool, bool, bool> Forms()
    {
        var forms = new TheoryData<bool, bool, bool>();
        foreach (bool a in (bool[])[false, true])
        {
            foreach (bool b in (bool[])[false, true])
            {
                forms.Add(a, b, false);
                forms.Add(a, b, true);
            }
        }

        return forms;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_kernel_gives_the_bits_of_the_scalar_loop(bool transposedA, bool transposedB, bool accumulate)
    {
        using var pool = new WorkerPool(3);
        foreach (int m in s_sizes)
        {
            foreach (int n in s_sizes)
            {
                int k = s_sizes[(m + n) % s_sizes.Length];
                Check(m, n, k, transposedA, transposedB, accumulate, pool);
            }
        }

        Check(200, 100, 600, transposedA, transposedB, accumulate, pool);
    }

    private static void Check(int m, int n, int k, bool transposedA, bool transposedB, bool accumulate, WorkerPool pool)
    {
        float[] a = Numbers(m * k, 1), b = Numbers(k * n, 2), start = Numbers(m * n, 3);
        float[] expected = Reference(m, n, k, a, b, start, transposedA, transposedB, accumulate);
        fixed (float* pa = a, pb = b)
        {
            MatrixView viewA = transposedA ? MatrixView.RowMajor(pa, m).Transposed : MatrixView.RowMajor(pa, k);
            MatrixView viewB = transposedB ? MatrixView.RowMajor(pb, k).Transposed : MatrixView.RowMajor(pb, n);
            float[] wide = [.. start], narrow = [.. start], shared = [.. start];
            fixed (float* pw = wide, pn = narrow, ps = shared)
            {
                Gemm.Multiply<MicroKernel12x32>(m, n, k, viewA, viewB, pw, n, accumulate);
                Gemm.Multiply<MicroKernel6x16>(m, n, k, viewA, viewB, pn, n, accumulate);
                Gemm.Multiply(m, n, k, viewA, viewB, ps, n, accumulate, pool);
            }

            Assert.True(expected.AsSpan().SequenceEqual(wide), $"12×32 at {m}×{n}×{k}");
            Assert.True(expected.AsSpan().SequenceEqual(narrow), $"6×16 at {m}×{n}×{k}");
            Assert.True(expected.AsSpan().SequenceEqual(shared), $"shared at {m}×{n}×{k}");
        }
    }

    /// <summary>One chain of fused multiply-adds per element, in the order of k.</summary>
    private static float[] Reference(
        int m, int n, int k, float[] a, float[] b, float[] start, bool transposedA, bool transposedB, bool accumulate)
    {
        float[] c = new float[m * n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float sum = accumulate ? start[(i * n) + j] : 0;
                for (int l = 0; l < k; l++)
                {
                    float left = transposedA ? a[(l * m) + i] : a[(i * k) + l];
                    float right = transposedB ? b[(j * k) + l] : b[(l * n) + j];
                    sum = MathF.FusedMultiplyAdd(left, right, sum);
                }

                c[(i * n) + j] = sum;
            }
        }

        return c;
    }

    private static float[] Numbers(int count, uint stream)
    {
        var random = new SeededRandom(stream, RandomPurpose.Initialization);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = random.Uniform((ulong)i) - 0.5f;
        }

        return numbers;
    }
}
