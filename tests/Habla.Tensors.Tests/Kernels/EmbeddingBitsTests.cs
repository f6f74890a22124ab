using Habla.Tensors.Ops;
using Habla.Tensors.Tests.Ops;
using Habla.Tensors.Tests.Reference;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Tests.Kernels;

/// <summary>
/// Tokens, positions and rotary positions, forward and back, for one micro-batch and for several in a pass. Tables, rows and heads begin
/// anywhere beside a cache line.
/// </summary>
public sealed class EmbeddingBitsTests
{
    [Fact]
    public void Tokens_and_positions_of_every_width_and_length()
    {
        var fuzz = new Fuzz(1);
        for (int width = 1; width <= Fuzz.Largest; width++)
        {
            Check(fuzz, samplesEach: 1 + fuzz.Below(3), length: 1 + fuzz.Below(5), width, microBatches: 1 + fuzz.Below(5));
        }

        for (int length = 6; length <= Fuzz.Largest; length++)
        {
            Check(fuzz, samplesEach: 1 + fuzz.Below(2), length, width: 1 + fuzz.Below(40), microBatches: 1 + fuzz.Below(5));
        }
    }

    [Fact]
    public void Rotary_positions_of_every_head_size_and_length()
    {
        var fuzz = new Fuzz(2);
        for (int headSize = 2; headSize <= Fuzz.Largest; headSize += 2)
        {
            CheckRotary(fuzz, 1 + fuzz.Below(3), 1 + fuzz.Below(5), 1 + fuzz.Below(3), headSize, fuzz.Pool());
        }

        for (int length = 6; length <= Fuzz.Largest; length++)
        {
            CheckRotary(fuzz, 1 + fuzz.Below(2), length, 1 + fuzz.Below(5), headSize: 2 + (2 * fuzz.Below(20)), fuzz.Pool());
        }

        foreach (WorkerPool pool in Fuzz.Pools)
        {
            CheckRotary(new Fuzz(3), 4, 64, 4, 22, pool);
        }
    }

    private static void Check(Fuzz fuzz, int samplesEach, int length, int width, int microBatches)
    {
        int vocabulary = 1 + fuzz.Below(40);
        int samples = samplesEach * microBatches, each = samplesEach * length, count = samples * length * width;
        using var set = new ParameterSet();
        set.Add("before", new Shape(1 + fuzz.Below(16)), ParameterKind.Bias);
        ParameterView tokens = set.Add("tokens", new Shape(vocabulary, width), ParameterKind.Weight);
        ParameterView positions = set.Add("positions", new Shape(length + 2, width), ParameterKind.Weight);
        float[] tokenTable = fuzz.Values(vocabulary * width), positionTable = fuzz.Values((length + 2) * width);
        tokenTable.CopyTo(set.Data(set["tokens"]));
        positionTable.CopyTo(set.Data(set["positions"]));
        int[] ids = [.. Enumerable.Range(0, samples * length).Select(_ => fuzz.Below(vocabulary))];
        int[] places = [.. ids.Select((_, i) => i % length)];
        float[] dy = fuzz.Values(count);
        string what = $"{microBatches} × {samplesEach}×{length}×{width}, vocabulary {vocabulary}";

        using var tape = new Tape(set) { MicroBatches = microBatches };
        Tensor x = Embedding.Lookup(tape, tape.Use(tokens), ids, samples);
        Tensor y = PositionEmbedding.Apply(tape, x, tape.Use(positions));
        float[] looked = [.. ids.SelectMany(id => tokenTable[(id * width)..((id + 1) * width)])];
        Bits.AssertSame(looked, x.Data, $"tokens, {what}");
        Bits.AssertSame([.. looked.Select((value, i) => value + positionTable[i % (length * width)])], y.Data, $"positions, {what}");

        tape.Backward(WeightedSum.Of(tape, y, Numbers.Widened(dy)));
        Bits.AssertSame(Gradient(ids, vocabulary), tape.Gradients.Data(set["tokens"]), $"gradient of the tokens, {what}");
        Bits.AssertSame(Gradient(places, length + 2), tape.Gradients.Data(set["positions"]), $"gradient of the positions, {what}");

        float[] Gradient(int[] rows, int tableRows) => Twin.Tree([.. Enumerable.Range(0, microBatches).Select(part =>
        {
            float[] table = new float[tableRows * width];
            Twin.AddRows(table, rows.AsSpan(part * each, each), dy.AsSpan(part * each * width, each * width), width);
            return table;
        })]);
    }

    private static void CheckRotary(Fuzz fuzz, int batch, int length, int heads, int headSize, WorkerPool pool)
    {
        int columns = 3 * heads * headSize;
        var table = new RotaryTable(length + 1, headSize);
        float[] x = fuzz.Values(batch * length * columns), dy = fuzz.Values(x.Length), turned = [.. x], back = [.. dy];
        Twin.Rotate(turned, length, columns, table, 1);
        Twin.Rotate(back, length, columns, table, -1);
        using var run = new OpRun(pool);
        Tensor y = RotaryEmbedding.Apply(run.Tape, run.Input(new Shape(batch, length, columns), Numbers.Widened(x)), table);
        run.Back(y, Numbers.Widened(dy));
        Bits.AssertSame(turned, Numbers.Singles(run.Output), $"{batch}×{length}×{heads}×{headSize}");
        Bits.AssertSame(back, Numbers.Singles(run.Gradient(0)), $"back, {batch}×{length}×{heads}×{headSize}");
    }
}
