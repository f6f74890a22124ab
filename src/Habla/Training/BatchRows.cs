using Habla.Data;

namespace Habla.Training;

/// <summary>Neighbouring rows of a step's batch: those in which something went wrong.</summary>
/// <param name="First">The first, from 0.</param>
/// <param name="Count">How many there are.</param>
/// <param name="BatchSize">Rows of the whole batch.</param>
/// <param name="SampleIds">Which sequence of the training data each row is, from 0.</param>
public sealed record BatchRows(int First, int Count, int BatchSize, IReadOnlyList<long> SampleIds)
{
    private const int MostNamed = 8;

    /// <summary>Such as <c>row 3 of 8 of the batch (sequence 17 of the training data)</c>; rows from 1 and sequences from 0.</summary>
    public override string ToString()
    {
        string rows = Count == 1 ? $"row {First + 1}" : $"rows {First + 1} to {First + Count}";
        string more = Count > MostNamed ? ", …" : "";
        return $"{rows} of {BatchSize} of the batch (sequence{(Count == 1 ? "" : "s")} "
            + $"{string.Join(", ", SampleIds.Take(MostNamed))}{more} "
            + "of the training data, counted from 0)";
    }

    internal static BatchRows Of(Batch batch, int first, int count) =>
        new(first, count, batch.BatchSize, batch.SampleIds[first..(first + count)]);
}
