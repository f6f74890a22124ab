using Habla.Data;

namespace Habla.Tests.Training;

/// <summary>A few sample batches, round and round; the batch follows from the position alone.</summary>
internal sealed class SampleBatches : IBatchSource
{
    private readonly Batch[] _batches;

    public SampleBatches(params Batch[] batches) => _batches = batches;

    public SampleBatches(int batches, int rows)
        : this([.. Enumerable.Range(0, batches).Select(i => TrainingSamples.Batch(rows, seed: i))])
    {
    }

    public int BatchesPerEpoch => _batches.Length;

    public int Epoch => Position.Epoch;

    public DataPosition Position { get; set; } = new(0, 0);

    public Batch Next()
    {
        (int epoch, int batch) = Position;
        Position = batch + 1 < _batches.Length ? new DataPosition(epoch, batch + 1) : new DataPosition(epoch + 1, 0);
        return _batches[(batch + epoch) % _batches.Length];
    }
}
