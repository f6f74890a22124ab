using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Habla.Tensors.Kernels;
using Habla.Tensors.Ops;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>
/// The results of every kernel on small fixed inputs, each as a hash: what a process with other instruction sets has to find too.
/// The engine itself chooses among its tiles here, as it does in a run.
/// </summary>
internal static unsafe class KernelHashes
{
    /// <summary>How wide the vectors are that the runtime uses; 0 when it has none.</summary>
    public static int SimdBits => Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128 : 0;

    /// <summary>A line for each kernel: its name and the SHA-256 of what it gave.</summary>
    public static IEnumerable<string> Lines()
    {
        yield return Line("exp", Map(VectorMath.Exp, 100));
        yield return Line("exp of negative", Map(x => VectorMath.ExpOfNegative(-Vector512.Abs(x)), 100));
        yield return Line("log", [.. Numbers(4_000, 100).Select(VectorMath.Log)]);
        yield return Line("tanh", Map(VectorMath.Tanh, 5));
        yield return Line("erf", Map(VectorMath.Erf, 5));
        yield return Line("gelu", Gelu<ExactGelu>());
        yield return Line("gelu by tanh", Gelu<TanhGelu>());
        yield return Line("silu", Gelu<Silu>());
        yield return Line("product", Product(false, false));
        yield return Line("product with B transposed", Product(false, true));
        yield return Line("product with A transposed", Product(true, false));
        yield return Line("product with rows far apart", ProductWithRowsFarApart());
        yield return Line("product in parts", ProductInParts());
        foreach (WeightFormat format in Enum.GetValues<WeightFormat>())
        {
            yield return Line($"products with weights stored in {format}", ProductsWithStored(format));
        }

        yield return Line("column sums", ColumnSumsOf(parts: 1));
        yield return Line("column sums in parts", ColumnSumsOf(parts: 5));
        yield return Line("dropout", Dropped());
        yield return Line("softmax", Softmax());
        yield return Line("exponentials in float64", Exponentials());
        yield return Line("attention with a cache", CachedAttentionOf());
        foreach (ActivationFormat format in (ActivationFormat[])[ActivationFormat.BFloat16, ActivationFormat.Float16])
        {
            yield return Line($"rounded to {format}", Rounded(format));
        }

        foreach (bool tanh in (bool[])[false, true])
        {
            yield return Line($"operations forward and back, gelu by tanh {tanh}", Operations(tanh));
            yield return Line($"operations in bfloat16, gelu by tanh {tanh}", Operations(tanh, ActivationFormat.BFloat16));
            yield return Line($"operations in binary16, gelu by tanh {tanh}", Operations(tanh, ActivationFormat.Float16));
        }

        foreach (ActivationFormat format in Enum.GetValues<ActivationFormat>())
        {
            yield return Line($"operations of llama in {format}", LlamaOperations(format));
        }

        yield return Line("optimizer", Optimizer());
    }

    private static string Line(string name, float[] numbers)
    {
        // Which NaN it is, IEEE 754 leaves open.
        float[] plain = [.. numbers.Select(number => float.IsNaN(number) ? float.NaN : number)];
        return $"{name} {Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(plain.AsSpan())))}";
    }

    private static float[] Numbers(int count, float scale = 1) => new Fuzz(271).Values(count, scale);

    private static float[] Map(Func<Vector512<float>, Vector512<float>> function, float scale)
    {
        float[] x = [.. new Fuzz(272).WithSpecials(4_000, scale)], y = new float[x.Length];
        for (int i = 0; i < x.Length; i += 16)
        {
            function(Vector512.Create(x, i)).CopyTo(y, i);
        }

        return y;
    }

    private static float[] Gelu<TFunction>()
        where TFunction : struct, ISlopedFunction
    {
        float[] x = [.. new Fuzz(273).WithSpecials(3_999, 8)], y = new float[2 * x.Length];
        fixed (float* from = x, to = y)
        {
            Elementwise.MapWithSlope<TFunction>(from, to, to + x.Length, x.Length);
        }

        return y;
    }

    private static float[] Product(bool transposedA, bool transposedB)
    {
        const int m = 37, n = 45, k = 1_100;
        float[] a = Numbers(m * k), b = Numbers(k * n), c = Numbers(m * n);
        fixed (float* pa = a, pb = b, pc = c)
        {
            Gemm.Multiply(
                m, n, k, transposedA ? MatrixView.RowMajor(pa, m).Transposed : MatrixView.RowMajor(pa, k),
                transposedB ? MatrixView.RowMajor(pb, k).Transposed : MatrixView.RowMajor(pb, n), pc, n, SumStart.Matrix(pc, n),
                Fuzz.Pool(3));
        }

        return c;
    }

    /// <summary>Enough columns for rows of A 4 KB apart to be brought together.</summary>
    private static float[] ProductWithRowsFarApart()
    {
        const int m = 14, n = 259, k = 70, aStride = 1024;
        float[] a = Numbers(m * aStride), b = Numbers(k * n), c = new float[m * n];
        fixed (float* pa = a, pb = b, pc = c)
        {
            Gemm.Multiply(m, n, k, MatrixView.RowMajor(pa, aStride), MatrixView.RowMajor(pb, n), pc, n, SumStart.Zero);
        }

        return c;
    }

    private static float[] ProductInParts()
    {
        const int m = 37, n = 45, k = 7 * 11;
        float[] a = Numbers(m * k), b = Numbers(k * n), c = new float[m * n];
        fixed (float* pa = a, pb = b, pc = c)
        {
            Gemm.MultiplyInParts(
                m, n, k, 7, MatrixView.RowMajor(pa, m).Transposed, MatrixView.RowMajor(pb, n), pc, n, accumulate: false, Fuzz.Pool(3));
        }

        return c;
    }

    /// <summary>One row, several, and enough to go through tiles.</summary>
    private static float[] ProductsWithStored(WeightFormat format)
    {
        const int outputs = 145, inputs = 590, mostRows = 17;
        float[] weights = Numbers(outputs * inputs, 0.1f), x = Numbers(mostRows * inputs);
        var found = new List<float>();
        fixed (float* pw = weights, px = x)
        {
            using WeightMatrix matrix = WeightMatrix.Create(format, pw, outputs, inputs, Fuzz.Pool(3));
            foreach (int rows in (int[])[1, 2, 7, mostRows])
            {
                float[] y = new float[rows * outputs];
                fixed (float* py = y)
                {
                    matrix.Multiply(rows, px, py, SumStart.Zero, Fuzz.Pool(3));
                }

                found.AddRange(y);
            }
        }

        return [.. found];
    }

    private static float[] ColumnSumsOf(int parts)
    {
        const int rows = 35, columns = 147;
        float[] x = Numbers(rows * columns), sums = Numbers(columns);
        fixed (float* from = x, to = sums)
        {
            ColumnSums.Compute(
                from, rows, columns, new ParameterGradientTarget(to, null, 0, 1, parts, accumulate: parts == 1), Fuzz.Pool(3));
        }

        return sums;
    }

    private static float[] Dropped()
    {
        float[] x = Numbers(1_000), y = new float[x.Length];
        ulong[] bits = new ulong[16];
        fixed (float* from = x, to = y)
        fixed (ulong* kept = bits)
        {
            DropoutKernel.Draw(kept, 8, new SeededRandom(1, RandomPurpose.Dropout, 2), 3, 0.3f);
            DropoutKernel.Apply(from, null, to, x.Length, kept, 0.3f);
        }

        return y;
    }

    private static float[] Exponentials()
    {
        double[] result = new double[1_003];
        double sum = LogitMath.Exponentials(Numbers(1_003, 100), 100, 0.7, result);
        return [.. MemoryMarshal.Cast<double, float>((double[])[.. result, sum])];
    }

    private static float[] Softmax()
    {
        float[] x = Numbers(1_003, 30), y = new float[2];
        fixed (float* from = x, to = y)
        {
            to[0] = SoftmaxKernels.Max(from, x.Length);
            to[1] = SoftmaxKernels.SumExp(from, x.Length, to[0]);
        }

        return y;
    }

    /// <summary>A prompt, then a position at a time, with heads that share keys and values.</summary>
    private static float[] CachedAttentionOf()
    {
        const int rows = 2, heads = 6, keyValueHeads = 3, headSize = 20, width = (heads + (2 * keyValueHeads)) * headSize;
        using var none = new ParameterSet();
        using var tape = new Tape(none, TapeMode.Inference, Fuzz.Pool(3));
        using var cache = new AttentionCache(keyValueHeads, headSize, 100);
        cache.Clear(rows);
        return [.. Enumerable.Range(0, 20).SelectMany(step =>
        {
            var shape = new Shape(rows, step == 0 ? 70 : 1, width);
            return CachedAttention.Apply(tape, tape.Create(shape, new Fuzz((ulong)step).Values(shape.Count, 2)), heads, cache).ToArray();
        })];
    }

    private static float[] Rounded(ActivationFormat format)
    {
        float[] x = [.. new Fuzz(274).WithSpecials(3_999, 1e-3f), .. new Fuzz(275).WithSpecials(4_000, 1e5f)];
        fixed (float* numbers = x)
        {
            SixteenBits.RoundInPlace(format, numbers, x.Length, Fuzz.Pool(3));
        }

        return x;
    }

    /// <summary>One small pass through every operation, in three micro-batches.</summary>
    private static float[] Operations(bool tanh, ActivationFormat format = ActivationFormat.Float32)
    {
        const int microBatches = 3, samples = 6, length = 37, heads = 2, headSize = 18, width = heads * headSize, hidden = 50,
            vocabulary = 29;
        using var set = new ParameterSet();
        ParameterView Add(string name, Shape shape) => set.Add(name, shape, ParameterKind.Weight);
        ParameterView tokens = Add("tokens", new Shape(vocabulary, width)), positions = Add("positions", new Shape(length, width));
        ParameterView gain = Add("gain", new Shape(width)), bias = Add("bias", new Shape(width));
        ParameterView project = Add("project", new Shape(3 * width, width)), up = Add("up", new Shape(hidden, width));
        ParameterView upBias = Add("up bias", new Shape(hidden)), down = Add("down", new Shape(width, hidden));
        Numbers((int)set.Count, 0.3f).CopyTo(new Span<float>(set.Pointer, (int)set.Count));
        int[] ids = [.. Enumerable.Range(0, samples * length).Select(i => i * 7 % vocabulary)];
        bool[] visible = [.. ids.Select(id => id % 5 != 3)];

        using var tape = new Tape(set, pool: Fuzz.Pool(3), format: format)
        {
            MicroBatches = microBatches, Dropout = new DropoutSource(1, 2, 0),
        };
        Tensor x = PositionEmbedding.Apply(tape, Embedding.Lookup(tape, tape.Use(tokens), ids, samples), tape.Use(positions));
        Tensor normed = LayerNorm.Apply(tape, Dropout.Apply(tape, x, 0.1f), tape.Use(gain), tape.Use(bias));
        Tensor qkv = RotaryEmbedding.Apply(tape, Linear.Apply(tape, normed, tape.Use(project)), new RotaryTable(length, headSize));
        x = Residual.Add(tape, x, CausalAttention.Apply(tape, qkv, heads, visible, 0.2f), 0.1f);
        Tensor wide = LinearGelu.Apply(tape, x, tape.Use(up), tape.Use(upBias), tanh ? GeluForm.Tanh : GeluForm.Exact);
        x = Residual.Add(tape, x, Linear.Apply(tape, wide, tape.Use(down)));
        Tensor logits = Linear.Apply(tape, x, tape.Use(tokens), inFloat32: true);
        Tensor loss = CrossEntropy.Apply(tape, logits, ids, visible);
        tape.Backward(loss);
        return [.. logits.Data, .. loss.Data, .. set.Parameters.SelectMany(parameter => tape.Gradients.Data(parameter).ToArray())];
    }

    /// <summary>A block with RMSNorm, SwiGLU and heads that share keys and values, in two micro-batches.</summary>
    private static float[] LlamaOperations(ActivationFormat format)
    {
        const int samples = 4, length = 37, heads = 4, keyValueHeads = 2, headSize = 10, width = heads * headSize, hidden = 51;
        using var set = new ParameterSet();
        ParameterView Add(string name, Shape shape) => set.Add(name, shape, ParameterKind.Weight);
        ParameterView tokens = Add("tokens", new Shape(29, width)), gain = Add("gain", new Shape(width));
        ParameterView project = Add("project", new Shape(2 * width, width)), down = Add("down", new Shape(width, hidden));
        ParameterView gateAndUp = Add("gate and up", new Shape(2 * hidden, width));
        Numbers((int)set.Count, 0.3f).CopyTo(new Span<float>(set.Pointer, (int)set.Count));
        int[] ids = [.. Enumerable.Range(0, samples * length).Select(i => i * 7 % 29)];

        using var tape = new Tape(set, pool: Fuzz.Pool(3), format: format) { MicroBatches = 2, Dropout = new DropoutSource(1, 2, 0) };
        Tensor x = Embedding.Lookup(tape, tape.Use(tokens), ids, samples);
        Tensor qkv = Linear.Apply(tape, RmsNorm.Apply(tape, x, tape.Use(gain)), tape.Use(project));
        qkv = RotaryEmbedding.Apply(tape, qkv, new RotaryTable(length, headSize, 500), keyValueHeads);
        x = Residual.Add(tape, x, CausalAttention.Apply(tape, qkv, heads, default, 0.2f, keyValueHeads));
        Tensor gated = SwiGlu.Apply(tape, Linear.Apply(tape, x, tape.Use(gateAndUp)));
        x = Residual.Add(tape, x, Linear.Apply(tape, gated, tape.Use(down)));
        Tensor logits = Linear.Apply(tape, x, tape.Use(tokens), inFloat32: true);
        Tensor loss = CrossEntropy.Apply(tape, logits, ids);
        tape.Backward(loss);
        return [.. logits.Data, .. loss.Data, .. set.Parameters.SelectMany(parameter => tape.Gradients.Data(parameter).ToArray())];
    }

    private static float[] Optimizer()
    {
        using var set = new ParameterSet();
        set.Add("weight", new Shape(1_003), ParameterKind.Weight);
        set.Add("bias", new Shape(77), ParameterKind.Bias);
        using ParameterBuffer gradients = set.CreateBuffer(), first = set.CreateBuffer(), second = set.CreateBuffer();
        foreach (Parameter parameter in set.Parameters)
        {
            Numbers(parameter.Shape.Count, 2).CopyTo(gradients.Data(parameter));
        }

        double norm = GradientNorm.Of(gradients, Fuzz.Pool(3));
        AdamWUpdate.Apply(set, gradients, first, second, new AdamWStep(1e-3, 0.9, 0.95, 1e-8, 0.1, 3, 1 / norm), Fuzz.Pool(3));
        return [.. set.Parameters.SelectMany(
            parameter => (float[])[.. set.Data(parameter), .. first.Data(parameter), .. second.Data(parameter)])];
    }
}
