namespace Habla.Data;

/// <summary>Where in the data a run stands. With the data seed it is all that is needed to go on with the same batches.</summary>
/// <param name="Epoch">The pass over the data, from 0.</param>
/// <param name="BatchInEpoch">The batch of that pass that comes next, from 0.</param>
public sealed record DataPosition(int Epoch, int BatchInEpoch);
