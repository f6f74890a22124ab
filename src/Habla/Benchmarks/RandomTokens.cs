using Habla.Data;
using Habla.Tensors;

namespace Habla.Benchmarks;

/// <summary>Batches of random ids: what a step costs does not depend on what the tokens say.</summary>
internal sealed class RandomTokens : IBatchSource
{
    private readonly Batch _batch;

    public RandomTokens(BenchmarkPreset preset)
    {
        int context = preset.Model.ContextLength;
        _batch = new Batch(preset.BatchSize, context);
        var random = new SeededRandom(seed: 7, RandomPurpose.DataOrder);
        int[] sequence = new int[context + 1];
        for (int row = 0; row < preset.BatchSize; row++)
        {
            for (int i = 0; i < sequence.Length; i++)
            {
                sequence[i] = random.Below((ulong)((row * sequence.Length) + i), preset.Model.VocabularySize);
            }

            _batch.SetRow(row, row, sequence, padId: 0);
        }
    }

    public int BatchesPerEpoch => 1;

    public int Epoch => 0;

    public DataPosition Position { get; set; } = new(0, 0);

    public Batch Next() => _batch;
}
