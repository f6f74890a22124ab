using Habla.Tensors.Ops;

namespace Habla.Data;

/// <summary>
/// Sequences of equal length for one step, <c>[B, T]</c> row by row in flat arrays: at each position the input token, the token that
/// should follow it, and two masks, one for targets and one for attention. Where documents are kept apart, also how far back it may look.
/// </summary>
public sealed class Batch
{
    /// <summary>Makes a batch in which nothing is real yet: inputs and targets 0, both masks false.</summary>
    /// <param name="batchSize">Sequences, <c>B</c>; at least 1.</param>
    /// <param name="sequenceLength">Positions in each, <c>T</c>; at least 1.</param>
    /// <param name="separatesDocuments">Whether there are <see cref="DocumentStarts"/>, all 0 at first. Default false.</param>
    public Batch(int batchSize, int sequenceLength, bool separatesDocuments = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequenceLength);
        BatchSize = batchSize;
        SequenceLength = sequenceLength;
        Inputs = new int[batchSize * sequenceLength];
        Targets = new int[batchSize * sequenceLength];
        LossMask = new bool[batchSize * sequenceLength];
        KeyMask = new bool[batchSize * sequenceLength];
        SampleIds = new long[batchSize];
        DocumentStarts = separatesDocuments ? new int[batchSize * sequenceLength] : null;
    }

    /// <summary>Sequences, <c>B</c>.</summary>
    public int BatchSize { get; }

    /// <summary>Positions in each sequence, <c>T</c>.</summary>
    public int SequenceLength { get; }

    /// <summary>Token ids that go in, <c>[B, T]</c>.</summary>
    public int[] Inputs { get; }

    /// <summary>The token id that follows each input, <c>[B, T]</c>.</summary>
    public int[] Targets { get; }

    /// <summary>Which targets count in the loss, <c>[B, T]</c>; those of padding never do.</summary>
    public bool[] LossMask { get; }

    /// <summary>Which inputs are real tokens that attention may look at, <c>[B, T]</c>; padding is not.</summary>
    public bool[] KeyMask { get; }

    /// <summary>
    /// The first position of its row that each position may look at, <c>[B, T]</c>: where its document begins, or 0 for one that began
    /// before the row. From 0 to the position itself, never falling along a row. Null where documents are not kept apart.
    /// </summary>
    public int[]? DocumentStarts { get; }

    /// <summary>Which sequence of the data set each row is, <c>[B]</c>, from 0.</summary>
    public long[] SampleIds { get; }

    /// <summary>How many batches of the data were joined to this one (<see cref="Join"/>); 1 when it is as the data gave it.</summary>
    public int JoinedBatches { get; private init; } = 1;

    /// <summary>How many targets count.</summary>
    public int TargetCount => LossMask.Count(counts => counts);

    /// <summary>What attention may look at in all rows.</summary>
    public AttentionMask Mask => MaskOf(0, BatchSize);

    /// <summary>
    /// What attention may look at in some rows: padding and other documents are hidden; a part that hides nothing is left out.
    /// </summary>
    /// <param name="first">The first row, from 0.</param>
    /// <param name="rows">How many.</param>
    public AttentionMask MaskOf(int first, int rows)
    {
        (int from, int count) = (first * SequenceLength, rows * SequenceLength);
        ReadOnlySpan<bool> real = KeyMask.AsSpan(from, count);
        ReadOnlySpan<int> starts = DocumentStarts is null ? default : DocumentStarts.AsSpan(from, count);
        return new AttentionMask(real.Contains(false) ? real : default, starts.ContainsAnyExcept(0) ? starts : default);
    }

    /// <summary>One batch with the rows of several, in order: what a step reads that accumulates gradients.</summary>
    /// <param name="batches">
    /// At least one batch, all of the same <see cref="SequenceLength"/> and either all with <see cref="DocumentStarts"/> or all without.
    /// </param>
    /// <exception cref="ArgumentException">There is none, the lengths differ, or only some keep documents apart.</exception>
    public static Batch Join(IReadOnlyList<Batch> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        if (batches.Count == 0 || batches.Any(batch => batch.SequenceLength != batches[0].SequenceLength))
        {
            throw new ArgumentException("batches that are joined must have the same sequence length", nameof(batches));
        }

        bool separates = batches[0].DocumentStarts is not null;
        if (batches.Any(batch => batch.DocumentStarts is not null != separates))
        {
            throw new ArgumentException("batches that are joined must all keep documents apart, or none", nameof(batches));
        }

        var joined = new Batch(batches.Sum(batch => batch.BatchSize), batches[0].SequenceLength, separates)
        {
            JoinedBatches = batches.Sum(batch => batch.JoinedBatches),
        };
        int row = 0;
        foreach (Batch batch in batches)
        {
            int start = row * joined.SequenceLength;
            batch.Inputs.CopyTo(joined.Inputs, start);
            batch.Targets.CopyTo(joined.Targets, start);
            batch.LossMask.CopyTo(joined.LossMask, start);
            batch.KeyMask.CopyTo(joined.KeyMask, start);
            batch.SampleIds.CopyTo(joined.SampleIds, row);
            batch.DocumentStarts?.CopyTo(joined.DocumentStarts!, start);
            row += batch.BatchSize;
        }

        return joined;
    }

    /// <summary>
    /// Fills a row from a sequence: all but its last token go in, all but its first are targets, padding stands to the right.
    /// </summary>
    /// <param name="row">The row, from 0.</param>
    /// <param name="sampleId">Which sequence of the data set it is.</param>
    /// <param name="sequence">2 to <c>T</c> + 1 tokens.</param>
    /// <param name="padId">The token that fills the row up; the masks keep it from mattering.</param>
    internal void SetRow(int row, long sampleId, ReadOnlySpan<int> sequence, int padId)
    {
        int length = sequence.Length - 1;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length, nameof(sequence));
        int start = row * SequenceLength;
        Span<int> inputs = Inputs.AsSpan(start, SequenceLength), targets = Targets.AsSpan(start, SequenceLength);
        sequence[..^1].CopyTo(inputs);
        sequence[1..].CopyTo(targets);
        inputs[length..].Fill(padId);
        targets[length..].Fill(padId);
        LossMask.AsSpan(start, length).Fill(true);
        KeyMask.AsSpan(start, length).Fill(true);
        SampleIds[row] = sampleId;
    }

    /// <summary>
    /// Keeps the documents of a row apart: no position looks across a beginning, and a target that is the first token of the next
    /// document does not count, since nothing before it tells of it.
    /// </summary>
    /// <param name="row">The row, from 0; it is set.</param>
    /// <param name="beginnings">For each token of its sequence, whether it is a document's first.</param>
    internal void SeparateRow(int row, ReadOnlySpan<bool> beginnings)
    {
        int document = 0, first = row * SequenceLength;
        for (int position = 0; position < SequenceLength; position++)
        {
            document = position < beginnings.Length && beginnings[position] ? position : document;
            DocumentStarts![first + position] = document;
            LossMask[first + position] &= position + 1 < beginnings.Length && !beginnings[position + 1];
        }
    }
}
