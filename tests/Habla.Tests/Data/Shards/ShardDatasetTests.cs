using Habla.Data;
using Habla.Data.Shards;
using Habla.Runs;
using Habla.Tokenization;

namespace Habla.Tests.Data.Shards;

public sealed class ShardDatasetTests : IDisposable
{
    private readonly ShardSample _sample = new();
    private readonly Tokenizer _tokenizer = ShardSample.Tokenizer();
    private readonly TokenizedDocument[] _documents = ShardSample.Documents(25);

    public void Dispose() => _sample.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(19)]
    public void Windows_are_those_over_the_stream_in_memory_whatever_shards_it_is_in(int stride)
    {
        int[] stream = ShardSample.Stream(_documents, _tokenizer);
        foreach (int shardTokens in (int[])[5, 64, 10_000])
        {
            using TokenShards shards = _sample.Write(_documents, _tokenizer, shardTokens);
            foreach (bool coverTail in (bool[])[false, true])
            {
                var expected = new WindowDataset(stream, 8, stride, coverTail);
                var data = new ShardDataset(shards, 8, stride, coverTail: coverTail);
                Assert.Equal(expected.Count, data.Count);
                Assert.True(stride > 1 || coverTail || data.Count == stream.Length - 8);
                for (long i = 0; i < data.Count; i++)
                {
                    Assert.True(expected.Sequence(i).SequenceEqual(data.Sequence(i)), $"window {i}");
                }

                Assert.Equal(
                    expected.EvaluationBatches(7).SelectMany(batch => batch.Targets),
                    data.EvaluationBatches(7).SelectMany(batch => batch.Targets));
                Assert.Throws<ArgumentOutOfRangeException>(() => { data.Sequence(data.Count); });
            }
        }
    }

    [Fact]
    public void Shards_too_short_for_a_window_are_refused()
    {
        using TokenShards shards = _sample.Write([new("a", [5, 6, 7], 3, 0)], _tokenizer, 100);
        Assert.Equal(1, new ShardDataset(shards, 4).Count);
        Assert.Contains("max_seq_len", Assert.Throws<InvalidInputException>(() => new ShardDataset(shards, 5)).Message, StringComparison.Ordinal);
        Assert.Equal(1, new ShardDataset(shards, 40, coverTail: true).Count);
    }

    [Fact]
    public void An_epoch_has_each_window_once_in_an_order_of_its_own_and_goes_on_anywhere()
    {
        using TokenShards shards = _sample.Write(_documents, _tokenizer, 50);
        var data = new ShardDataset(shards, 8);
        IBatchSource source = data.Batches(6, 7, dropLast: false);
        long[][] epochs = [Epoch(source), Epoch(source)];
        Assert.All(epochs, epoch => Assert.Equal(Enumerable.Range(0, (int)data.Count).Select(i => (long)i), epoch.Order()));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.NotEqual(epochs[0].Order(), epochs[0]);
        Assert.NotEqual(epochs[0], Epoch(data.Batches(6, 8, dropLast: false)));
        Assert.Equal(epochs[0].Order(), Epoch(data.Batches(6, 7, shuffle: false, dropLast: false)));

        foreach (DataPosition position in (DataPosition[])[new(0, 3), new(1, 0), new(1, source.BatchesPerEpoch - 1), new(4_000, 5)])
        {
            IBatchSource there = data.Batches(6, 7), again = data.Batches(6, 7);
            there.Position = position.BatchInEpoch < there.BatchesPerEpoch ? position : new(position.Epoch, there.BatchesPerEpoch - 1);
            there.Next();
            again.Position = there.Position;
            (Batch a, Batch b) = (there.Next(), again.Next());
            Assert.Equal(a.SampleIds, b.SampleIds);
            Assert.Equal(a.Inputs, b.Inputs);
            Assert.Equal(there.Position, again.Position);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(10_000)]
    public void Documents_kept_apart_are_not_looked_across_nor_their_first_tokens_expected(int shardTokens)
    {
        using TokenShards shards = _sample.Write(_documents, _tokenizer, shardTokens);
        int[] documentOf = [.. _documents.SelectMany((document, i) => Enumerable.Repeat(i, document.Ids.Length + 2))];
        var apart = new ShardDataset(shards, 8, separatesDocuments: true);
        var together = new ShardDataset(shards, 8);
        for (int window = 0; window < apart.Count; window++)
        {
            Batch batch = apart.BatchOf([window]), plain = together.BatchOf([window]);
            Assert.Null(plain.DocumentStarts);
            Assert.All(plain.LossMask, Assert.True);
            Assert.Equal(plain.Inputs, batch.Inputs);
            Assert.Equal(plain.KeyMask, batch.KeyMask);
            for (int i = 0; i < 8; i++)
            {
                int first = Enumerable.Range(0, i + 1).First(j => documentOf[window + j] == documentOf[window + i]);
                Assert.Equal(first, batch.DocumentStarts![i]);
                Assert.Equal(documentOf[window + i] == documentOf[window + i + 1], batch.LossMask[i]);
            }
        }

        // Side by side, each token but the first of a document is expected once, as n-grams count them.
        ShardDataset evaluated = ShardDataset.ForEvaluation(shards, 8, separatesDocuments: true, padId: 0);
        Assert.Equal(shards.Length - shards.Documents, evaluated.EvaluationBatches(3).Sum(batch => (long)batch.TargetCount));
    }

    [Fact]
    public void Joined_batches_keep_where_documents_begin()
    {
        using TokenShards shards = _sample.Write(_documents, _tokenizer, 50);
        var data = new ShardDataset(shards, 8, separatesDocuments: true);
        Batch a = data.BatchOf([0, 10]), b = data.BatchOf([20]);
        Batch joined = Batch.Join([a, b]);
        Assert.Equal([.. a.DocumentStarts!, .. b.DocumentStarts!], joined.DocumentStarts!);
        Assert.Equal([.. a.LossMask, .. b.LossMask], joined.LossMask);
        Assert.Throws<ArgumentException>(() => Batch.Join([a, new ShardDataset(shards, 8).BatchOf([1])]));
        Assert.Null(Batch.Join([new ShardDataset(shards, 8).BatchOf([1])]).DocumentStarts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void A_few_windows_at_equal_distances_stand_for_the_whole(int atMost)
    {
        using TokenShards shards = _sample.Write(_documents, _tokenizer, 50);
        ShardDataset some = ShardDataset.ForEvaluation(shards, 8, separatesDocuments: false, padId: 0, atMost);
        ShardDataset all = ShardDataset.ForEvaluation(shards, 8, separatesDocuments: false, padId: 0);
        Assert.Equal(shards.Length - 1, all.EvaluationBatches().Sum(batch => (long)batch.TargetCount));
        Assert.InRange(some.Count, Math.Min(Math.Max(1, atMost / 2), all.Count), Math.Min(atMost, all.Count));
    }

    [Fact]
    public void Steps_are_validated_on_a_bounded_part_and_on_all_where_that_is_less()
    {
        using TokenShards shards = _sample.Write(_documents, _tokenizer, 50);
        ShardDataset all = ShardDataset.ForEvaluation(shards, 8, separatesDocuments: false, padId: 0);
        var text = new WindowDataset(ShardSample.Stream(_documents, _tokenizer), 8, 8, coverTail: true);
        foreach (SequenceDataset data in (SequenceDataset[])[all, text])
        {
            Assert.Same(data, RunData.ForSteps(data, shards.Length - 1));
            SequenceDataset part = RunData.ForSteps(data, 80);
            Assert.NotSame(data, part);
            Assert.InRange(part.EvaluationBatches().Sum(batch => (long)batch.TargetCount), 40, 80);
        }
    }

    private static long[] Epoch(IBatchSource source) =>
        [.. Enumerable.Range(0, source.BatchesPerEpoch).SelectMany(_ => source.Next().SampleIds)];
}
