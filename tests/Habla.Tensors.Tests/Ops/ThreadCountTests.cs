using Habla.Tensors.Kernels;
using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Ops;

/// <summary>The number of threads decides who computes a number, never which number it is.</summary>
public class ThreadCountTests
{
    // In the order of the chain below, from layer norm on: the embeddings share nothing. Forward each operation does once, but a linear map
    // with an activation twice. Back a linear map shares two products and the sum of its bias, an activation one thing more, layer
    // norm three sums, the residual sum its dropout.
    private const int JobsForward = 1 + 1 + 1 + 1 + 1 + 1 + 2 + 2 + 1 + 1;
    private const int JobsBack = 3 + 3 + 1 + 1 + 1 + 1 + 4 + 4 + 2 + 1;

    // Numbers of more than two chunks of the optimizer's passes, and not a whole number of vectors.
    private const int ParameterCount = 70_003;

    private const int Batch = 3, Length = 170, Heads = 3, HeadSize = 22, Width = Heads * HeadSize;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void A_block_has_the_same_bits_forward_and_back(int threads)
    {
        using var pool = new WorkerPool(threads);
        using OpRun alone = Run(null), shared = Run(pool);
        Assert.Equal(JobsForward + JobsBack, pool.SharedJobs);
        SameBits(alone.Output, shared.Output);
        for (int input = 0; input < 9; input++)
        {
            SameBits(alone.Gradient(input), shared.Gradient(input));
        }
    }

    [Fact]
    public void AdamW_has_the_same_bits() => SameBitsShared(jobs: 2, pool =>
    {
        using ParameterSet set = Parameters();
        using ParameterBuffer gradients = Filled(set, 2), first = set.CreateBuffer(), second = set.CreateBuffer();
        foreach (int step in (int[])[1, 2])
        {
            AdamWUpdate.Apply(set, gradients, first, second, new AdamWStep(0.01, 0.9, 0.95, 1e-8, 0.1, step, 0.5), pool);
        }

        return [.. set.Parameters.SelectMany(p => (double[])[.. Wide(set.Data(p)), .. Wide(first.Data(p)), .. Wide(second.Data(p))])];
    });

    [Fact]
    public void The_gradient_norm_has_the_same_bits() => SameBitsShared(jobs: 1, pool =>
    {
        using ParameterSet set = Parameters();
        using ParameterBuffer gradients = Filled(set, 2);
        return [GradientNorm.Of(gradients, pool)];
    });

    [Fact]
    public void The_sum_of_gradients_has_the_same_bits() => SameBitsShared(jobs: 1, pool =>
    {
        using ParameterSet set = Parameters();
        ParameterBuffer[] buffers = [.. Enumerable.Range(0, 5).Select(i => Filled(set, 10 * i))];
        GradientSum.IntoFirst(buffers, pool);
        double[] sum = [.. set.Parameters.SelectMany(p => Wide(buffers[0].Data(p)))];
        Array.ForEach(buffers, buffer => buffer.Dispose());
        return sum;
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public unsafe void Column_sums_have_the_same_bits(bool accumulate) => SameBitsShared(jobs: 1, pool =>
    {
        const int Rows = 310, Columns = 133;
        float[] x = Numbers.Singles(Numbers.Normal(1, Rows * Columns)), sums = Numbers.Singles(Numbers.Normal(2, Columns));
        fixed (float* from = x, to = sums)
        {
            ColumnSums.Compute(from, Rows, Columns, new ParameterGradientTarget(to, null, 0, 1, 1, accumulate), pool);
        }

        return Wide(sums);
    });

    [Fact]
    public void Layer_norm_has_the_same_bits() => SameBitsShared(jobs: 1 + 3, pool =>
    {
        const int Rows = 310, Columns = 133;
        using var run = new OpRun(pool);
        Tensor x = run.Input(new Shape(Rows, Columns), Numbers.Normal(1, Rows * Columns));
        Tensor gain = run.Input(new Shape(Columns), Numbers.Normal(2, Columns)),
            bias = run.Input(new Shape(Columns), Numbers.Normal(3, Columns));
        return All(run.Back(LayerNorm.Apply(run.Tape, x, gain, bias), Numbers.Normal(4, Rows * Columns)), inputs: 3);
    });

    [Fact]
    public void Rms_norm_has_the_same_bits() => SameBitsShared(jobs: 1 + 2, pool =>
    {
        const int Rows = 310, Columns = 133;
        using var run = new OpRun(pool);
        Tensor x = run.Input(new Shape(Rows, Columns), Numbers.Normal(1, Rows * Columns));
        Tensor gain = run.Input(new Shape(Columns), Numbers.Normal(2, Columns));
        return All(run.Back(RmsNorm.Apply(run.Tape, x, gain), Numbers.Normal(4, Rows * Columns)), inputs: 2);
    });

    [Fact]
    public void SwiGlu_has_the_same_bits() => SameBitsShared(jobs: 1 + 1, pool =>
    {
        const int Rows = 310, Columns = 133;
        using var run = new OpRun(pool);
        Tensor x = run.Input(new Shape(Rows, 2 * Columns), Numbers.Normal(1, 2 * Rows * Columns));
        return All(run.Back(SwiGlu.Apply(run.Tape, x), Numbers.Normal(4, Rows * Columns)), inputs: 1);
    });

    [Fact]
    public void Attention_with_shared_keys_has_the_same_bits() => SameBitsShared(jobs: 1 + 1, pool =>
    {
        using var run = new OpRun(pool);
        run.Tape.Dropout = new DropoutSource(1, 2, 3);
        Tensor x = run.Input(new Shape(Batch, Length, 8 * HeadSize), Numbers.Normal(1, Batch * Length * 8 * HeadSize));
        Tensor heads = CausalAttention.Apply(run.Tape, x, 4, default, 0.2f, keyValueHeadCount: 2);
        return All(run.Back(heads, Numbers.Normal(2, Batch * Length * 4 * HeadSize)), inputs: 1);
    });

    [Fact]
    public void Dropout_has_the_same_bits() => SameBitsShared(jobs: 1 + 1, pool =>
    {
        const int Samples = 5, Size = 8_003;
        using var run = new OpRun(pool);
        run.Tape.Dropout = new DropoutSource(1, 2, 3);
        Tensor x = run.Input(new Shape(Samples, Size), Numbers.Normal(1, Samples * Size));
        return All(run.Back(Dropout.Apply(run.Tape, x, 0.3f), Numbers.Normal(2, Samples * Size)), inputs: 1);
    });

    [Fact]
    public void Cross_entropy_has_the_same_bits() => SameBitsShared(jobs: 1 + 1, pool =>
    {
        const int Rows = 310, Columns = 133;
        using var run = new OpRun(pool);
        int[] targets = [.. Enumerable.Range(0, Rows).Select(i => i * 31 % Columns)];
        Tensor logits = run.Input(new Shape(Rows, Columns), Numbers.Normal(1, Rows * Columns));
        return All(run.Back(CrossEntropy.Apply(run.Tape, logits, targets, [.. targets.Select(t => t % 4 != 0)]), [1]), inputs: 1);
    });

    /// <summary>Computes alone and with 1, 2, 3 and 8 threads, and makes sure that these did share the work.</summary>
    private static void SameBitsShared(int jobs, Func<WorkerPool, double[]> compute)
    {
        double[] alone = compute(WorkerPool.Serial);
        foreach (int threads in (int[])[1, 2, 3, 8])
        {
            using var pool = new WorkerPool(threads);
            SameBits(alone, compute(pool));
            Assert.Equal(threads == 1 ? 0 : jobs, pool.SharedJobs);
        }
    }

    /// <summary>Unlike equality of numbers this tells 0 from −0, and NaN from NaN.</summary>
    private static void SameBits(double[] expected, double[] actual) =>
        Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), actual.Select(BitConverter.DoubleToInt64Bits));

    private static double[] All(OpRun run, int inputs) =>
        [.. run.Output, .. Enumerable.Range(0, inputs).SelectMany(run.Gradient)];

    private static double[] Wide(Span<float> values) => Numbers.Widened(values);

    private static ParameterSet Parameters()
    {
        var set = new ParameterSet();
        set.Add("weight", new Shape(1, ParameterCount), ParameterKind.Weight);
        set.Add("bias", new Shape(ParameterCount), ParameterKind.Bias);
        foreach (Parameter parameter in set.Parameters)
        {
            Numbers.Singles(Numbers.Normal(parameter.Index, ParameterCount)).CopyTo(set.Data(parameter));
        }

        return set;
    }

    private static ParameterBuffer Filled(ParameterSet set, int seed)
    {
        ParameterBuffer buffer = set.CreateBuffer();
        foreach (Parameter parameter in set.Parameters)
        {
            Numbers.Singles(Numbers.Normal(seed + parameter.Index, ParameterCount)).CopyTo(buffer.Data(parameter));
        }

        return buffer;
    }

    /// <summary>Every operation in one chain, large enough that each shares its work.</summary>
    private static OpRun Run(WorkerPool? pool)
    {
        var run = new OpRun(pool);
        run.Tape.Dropout = new DropoutSource(1, 2, 0);
        int[] ids = [.. Enumerable.Range(0, Batch * Length).Select(i => i * 31 % 97)];
        bool[] visible = [.. ids.Select(id => id % 5 != 0)];
        Tensor table = run.Input(new Shape(97, Width), Numbers.Normal(1, 97 * Width));
        Tensor positions = run.Input(new Shape(Length, Width), Numbers.Normal(2, Length * Width));
        Tensor gain = run.Input(new Shape(Width), Numbers.Normal(3, Width)), bias = run.Input(new Shape(Width), Numbers.Normal(4, Width));
        Tensor project = run.Input(new Shape(3 * Width, Width), Numbers.Normal(5, 3 * Width * Width, 0.1));
        Tensor projectBias = run.Input(new Shape(3 * Width), Numbers.Normal(6, 3 * Width));
        Tensor head = run.Input(new Shape(97, Width), Numbers.Normal(7, 97 * Width, 0.1));
        Tensor up = run.Input(new Shape(3 * Width, Width), Numbers.Normal(8, 3 * Width * Width, 0.1));
        Tensor down = run.Input(new Shape(Width, 3 * Width), Numbers.Normal(9, 3 * Width * Width, 0.1));

        Tensor x = PositionEmbedding.Apply(run.Tape, Embedding.Lookup(run.Tape, table, ids, Batch), positions);
        Tensor qkv = Linear.Apply(run.Tape, LayerNorm.Apply(run.Tape, x, gain, bias), project, projectBias);
        qkv = RotaryEmbedding.Apply(run.Tape, qkv, new RotaryTable(Length, HeadSize));
        Tensor heads = Dropout.Apply(run.Tape, CausalAttention.Apply(run.Tape, qkv, Heads, visible, 0.2f), 0.1f);
        x = Residual.Add(run.Tape, x, heads, 0.1f);
        x = LinearGelu.Apply(run.Tape, x, up, projectBias, GeluForm.Exact);
        x = LinearGelu.Apply(run.Tape, x, down, bias, GeluForm.Tanh);
        Tensor logits = Linear.Apply(run.Tape, x, head);
        return run.Back(CrossEntropy.Apply(run.Tape, logits, ids, visible), [1]);
    }
}
