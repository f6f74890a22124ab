namespace Habla.Data;
/// <summary>tmp</summary>
public sealed class Batch
{
    /// <summary>t</summary>
    public required int BatchSize { get; init; }
    /// <summary>t</summary>
    public required int SequenceLength { get; init; }
    /// <summary>t</summary>
    public required int[] Inputs { get; init; }
    /// <summary>t</summary>
    public required int[] Targets { get; init; }
    /// <summary>t</summary>
    public required bool[] LossMask { get; init; }
    /// <summary>t</summary>
    public required bool[] KeyMask { get; init; }
    /// <summary>t</summary>
    public int TargetCount => LossMask.Count(x => x);
}
/// <summary>t</summary>
public interface IBatchSource
{
    /// <summary>t</summary>
    Batch Next();
    /// <summary>t</summary>
    int BatchesPerEpoch { get; }
    /// <summary>t</summary>
    int Epoch { get; }
}
