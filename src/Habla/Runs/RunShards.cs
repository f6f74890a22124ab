using System.Globalization;
using Habla.Data;
using Habla.Data.Shards;
using Habla.Tokenization;

namespace Habla.Runs;

/// <summary>A run's data where it is shards: what may be far larger than memory, and so is never read whole.</summary>
internal static class RunShards
{
    /// <summary>The most tokens that n-grams are counted on: they and their counts are held in memory, some 200 bytes a token.</summary>
    public const long BaselineTokensAtMost = 4_000_000;

    // A second or two of reading; more than that is left to `habla tokenizer shards --verify`.
    private const long VerifiedAtMost = 250_000_000;

    /// <summary>The tokenizer that stands beside shards, for a recipe that names none.</summary>
    /// <param name="path">A folder of shards, or one shard.</param>
    /// <exception cref="InvalidInputException">There are no shards, or no tokenizer beside them.</exception>
    public static Tokenizer TokenizerOf(string path)
    {
        using TokenShards shards = TokenShards.Open(path); // says what is wrong with a path that has neither
        return Tokenizer.Load(TokenShards.TokenizerFileOf(path));
    }

    /// <summary>Opens what a recipe names.</summary>
    /// <param name="data">The recipe's data.</param>
    /// <param name="tokenizer">The tokenizer of the run.</param>
    /// <param name="context">The model's context, <c>T</c>.</param>
    /// <exception cref="InvalidInputException">
    /// The shards cannot be used, another tokenizer made them, or what is validated on is trained on.
    /// </exception>
    public static (SequenceDataset Train, SequenceDataset? Validation) Load(DataOptions data, Tokenizer tokenizer, int context)
    {
        TokenShards? train = null, validation = null;
        try
        {
            (train, int padId) = (Open(data.TrainPath, tokenizer), Math.Max(0, tokenizer.PadId));
            validation = data.ValidationPath is { } path ? Open(path, tokenizer) : null;
            if (validation is not null)
            {
                ShardSplit.RefuseLeak(train, validation);
            }

            return (
                new ShardDataset(train, context, data.Stride, Separates(data), padId: padId),
                validation is null ? null : ShardDataset.ForEvaluation(validation, context, Separates(data), padId));
        }
        catch
        {
            train?.Dispose();
            validation?.Dispose();
            throw;
        }
    }

    /// <summary>Shards for evaluation.</summary>
    /// <param name="path">A folder of shards, or one shard.</param>
    /// <param name="data">The recipe's data.</param>
    /// <param name="tokenizer">The tokenizer of the run.</param>
    /// <param name="context">The model's context, <c>T</c>.</param>
    /// <param name="stride">Tokens from one window to the next; 0 (the default) lays them side by side.</param>
    public static SequenceDataset LoadForEvaluation(string path, DataOptions data, Tokenizer tokenizer, int context, int stride = 0)
    {
        (TokenShards shards, int padId) = (Open(path, tokenizer), Math.Max(0, tokenizer.PadId));
        return stride == 0
            ? ShardDataset.ForEvaluation(shards, context, Separates(data), padId)
            : new ShardDataset(shards, context, stride, Separates(data), padId: padId);
    }

    /// <summary>At most so many tokens of some data, in windows at equal distances.</summary>
    public static SequenceDataset ForEvaluation(ShardDataset data, long atMost) => ShardDataset.ForEvaluation(
        data.Shards, data.SequenceLength, data.SeparatesDocuments, padId: 0, Math.Max(1, atMost / data.SequenceLength));

    /// <summary>Why n-grams are not counted on data; null when they are.</summary>
    public static string? NoBaseline(SequenceDataset? data) => data is ShardDataset { Shards: var shards }
        && shards.Length > BaselineTokensAtMost
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"no n-gram baseline: {shards.Path} has {shards.Length:N0} tokens, and n-grams are counted in memory, on ")
            + string.Create(CultureInfo.InvariantCulture, $"{BaselineTokensAtMost:N0} at most; ")
            + "for one on a part, make shards of fewer documents and run habla baseline on them."
        : null;

    /// <summary>
    /// What n-grams are counted on: the whole stream as the model sees it, or where it keeps documents apart, each by itself.
    /// </summary>
    public static IReadOnlyList<int[]> NgramSequences(ShardDataset data)
    {
        int[] stream = new int[data.Shards.Length];
        data.Shards.Copy(0, stream);
        if (!data.SeparatesDocuments)
        {
            return [stream];
        }

        bool[] beginnings = new bool[stream.Length];
        data.Shards.CopyBeginnings(0, beginnings);
        int[] starts = [0, .. Enumerable.Range(1, stream.Length - 1).Where(token => beginnings[token])];
        return
        [
            .. starts.Select((start, document) => stream[start..(document + 1 < starts.Length ? starts[document + 1] : stream.Length)]),
        ];
    }

    private static bool Separates(DataOptions data) => data.Documents == "separate";

    private static TokenShards Open(string path, Tokenizer tokenizer)
    {
        TokenShards shards = TokenShards.Open(path);
        try
        {
            shards.RefuseOtherTokenizer(tokenizer);
            if (shards.Length <= VerifiedAtMost)
            {
                shards.Verify();
            }

            return shards;
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }
}
