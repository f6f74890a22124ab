namespace Habla.Training;

/// <summary>How the micro-batches of a step are dealt out to passes through the model, and the passes to threads.</summary>
/// <param name="MicroBatchesPerPass">Neighbouring micro-batches that go through the model together; a power of two.</param>
/// <param name="SideBySide">Whether passes run at the same time, each on one thread.</param>
internal readonly record struct BatchPlan(int MicroBatchesPerPass, bool SideBySide)
{
    // Gradient copies beyond this many floats in all (64 MB) are not worth having side by side.
    private const long SideBySideLimit = 16 << 20;

    // Few rows leave a matrix product waiting for weights; many leave the caches.
    private const int TokensPerPass = 256;

    /// <summary>The plan for a model and a batch.</summary>
    /// <param name="parameters">Parameters of the model.</param>
    /// <param name="microBatches">Micro-batches of the batch.</param>
    /// <param name="tokens">Tokens of the batch.</param>
    /// <param name="threads">Threads there are.</param>
    public static BatchPlan For(long parameters, int microBatches, int tokens, int threads)
    {
        bool sideBySide = threads > 1 && microBatches > 1 && parameters * microBatches <= SideBySideLimit;
        int most = sideBySide ? Math.Max(1, microBatches / threads) : microBatches;
        int perPass = 1;
        while (2 * perPass <= most && (long)tokens * 2 * perPass <= (long)TokensPerPass * microBatches)
        {
            perPass *= 2;
        }

        return new BatchPlan(perPass, sideBySide);
    }

    /// <summary>How many passes a step takes.</summary>
    public int Passes(int microBatches) => (microBatches + MicroBatchesPerPass - 1) / MicroBatchesPerPass;

    /// <summary>The same, with passes of single micro-batches where a batch cannot be cut evenly.</summary>
    public BatchPlan Fitting(int batchSize, int microBatches) =>
        batchSize % microBatches == 0 ? this : this with { MicroBatchesPerPass = 1 };
}
