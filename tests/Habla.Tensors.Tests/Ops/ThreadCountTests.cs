using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Ops;

/// <summary>The number of threads decides who computes a number, never which number it is.</summary>
public class ThreadCountTests
{
    private const int Batch = 3, Length = 130, Heads = 3, HeadSize = 22, Width = Heads * HeadSize;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void A_block_has_the_same_bits_forward_and_back(int threads)
    {
        using var pool = new WorkerPool(threads);
        using OpRun alone = Run(null), shared = Run(pool);
        Assert.Equal(alone.Output, shared.Output);
        for (int input = 0; input < 7; input++)
        {
            Assert.Equal(alone.Gradient(input), shared.Gradient(input));
        }
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

        Tensor x = PositionEmbedding.Apply(run.Tape, Embedding.Lookup(run.Tape, table, ids, Batch), positions);
        Tensor qkv = Linear.Apply(run.Tape, LayerNorm.Apply(run.Tape, x, gain, bias), project, projectBias);
        qkv = RotaryEmbedding.Apply(run.Tape, qkv, new RotaryTable(Length, HeadSize));
        Tensor heads = Dropout.Apply(run.Tape, CausalAttention.Apply(run.Tape, qkv, Heads, visible, 0.2f), 0.1f);
        x = Gelu.Apply(run.Tape, Residual.Add(run.Tape, x, heads), GeluForm.Exact);
        x = Gelu.Apply(run.Tape, x, GeluForm.Tanh);
        Tensor logits = Linear.Apply(run.Tape, x, head);
        return run.Back(CrossEntropy.Apply(run.Tape, logits, ids, visible), [1]);
    }
}
