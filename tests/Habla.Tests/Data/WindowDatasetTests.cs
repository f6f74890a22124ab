using Habla.Data;
using Habla.Tokenization;

namespace Habla.Tests.Data;

public class WindowDatasetTests
{
    private static readonly int[] _stream = [.. Enumerable.Range(100, 50)];

    [Fact]
    public void Targets_are_inputs_one_further()
    {
        Batch batch = new WindowDataset(_stream, 4).BatchOf([0, 45]);
        Assert.Equal([100, 101, 102, 103, 145, 146, 147, 148], batch.Inputs);
        Assert.Equal([101, 102, 103, 104, 146, 147, 148, 149], batch.Targets);
        Assert.All(batch.LossMask, Assert.True);
        Assert.All(batch.KeyMask, Assert.True);
    }

    [Theory]
    [InlineData(50, 4, 1, 46)]
    [InlineData(50, 4, 3, 16)]
    [InlineData(50, 4, 4, 12)]
    [InlineData(50, 49, 1, 1)]
    public void The_number_of_windows_follows_from_length_and_stride(int length, int context, int stride, int expected) =>
        Assert.Equal(expected, new WindowDataset(_stream.AsMemory(0, length), context, stride).Count);

    [Theory]
    [InlineData(1, 10)]
    [InlineData(3, 5)]
    public void Each_window_is_seen_once_an_epoch_in_an_order_of_its_own(int stride, int batchSize)
    {
        var data = new WindowDataset(_stream, 4, stride);
        IBatchSource source = data.Batches(batchSize, 7, dropLast: false);
        long[] first = Epoch(source), second = Epoch(source), again = Epoch(data.Batches(batchSize, 7, dropLast: false));
        Assert.Equal(Enumerable.Range(0, (int)data.Count).Select(i => (long)i), first.Order());
        Assert.Equal(first.Order(), second.Order());
        Assert.NotEqual(first, second);
        Assert.Equal(first, again);
        Assert.NotEqual(first, Epoch(data.Batches(batchSize, 8, dropLast: false)));
        Assert.Equal(first.Order(), Epoch(data.Batches(batchSize, 7, shuffle: false, dropLast: false)));
    }

    [Fact]
    public void Drop_last_leaves_out_what_fills_no_batch_and_evaluation_leaves_out_nothing()
    {
        var data = new WindowDataset(_stream, 4);
        IBatchSource source = data.Batches(10, 7);
        Assert.Equal(4, source.BatchesPerEpoch);
        Assert.Equal(5, data.Batches(10, 7, dropLast: false).BatchesPerEpoch);
        Assert.Equal(40, Epoch(source).Distinct().Count());
        Assert.Equal((1, 0), (source.Epoch, source.Position.BatchInEpoch));
        Assert.Equal(Enumerable.Range(0, 46).Select(i => (long)i), data.EvaluationBatches(10).SelectMany(batch => batch.SampleIds));
        Assert.Throws<InvalidInputException>(() => data.Batches(47, 7));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(11)]
    public void A_stream_resumed_at_a_position_goes_on_with_the_same_batches(int taken)
    {
        var data = new WindowDataset(_stream, 4);
        IBatchSource source = data.Batches(10, 7);
        for (int i = 0; i < taken; i++)
        {
            source.Next();
        }

        IBatchSource resumed = data.Batches(10, 7);
        resumed.Position = source.Position;
        for (int i = 0; i < 9; i++)
        {
            Assert.Equal(source.Next().SampleIds, resumed.Next().SampleIds);
            Assert.Equal(source.Position, resumed.Position);
        }
    }

    [Theory]
    [InlineData(50, 4)]
    [InlineData(49, 4)]
    [InlineData(51, 4)]
    [InlineData(3, 8)]
    public void Windows_side_by_side_make_each_token_but_the_first_a_target_once(int length, int context)
    {
        int[] stream = [.. Enumerable.Range(100, length)];
        Batch[] batches = [.. new WindowDataset(stream, context, context, coverTail: true).EvaluationBatches(3)];
        IEnumerable<int> targets = batches.SelectMany(batch => batch.Targets.Where((_, i) => batch.LossMask[i]));
        Assert.Equal(stream.Skip(1), targets);
        Assert.Equal(length - 1, batches.Sum(batch => batch.TargetCount));
    }

    [Fact]
    public void No_window_crosses_the_cut_to_validation()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "text.txt");
        File.WriteAllText(path, string.Concat(Enumerable.Range('A', 50).Select(letter => (char)letter)));
        Tokenizer tokenizer = TokenizerTrainer.Train(
            new TokenizerOptions { Kind = "char", SpecialTokens = false, VocabularySize = 50 }, TrainingTextFiles.Read([path]));
        (WindowDataset train, WindowDataset? validation) = WindowDataset.Load(
            path, tokenizer, 4, new DataOptions { TrainPath = path, ValidationFraction = 0.1 });
        Assert.Equal((45, 5), (train.Stream.Length, validation!.Stream.Length));
        Assert.Equal(44, train.Sequence(40)[^1]);
        Assert.Equal(45, validation.Sequence(0)[0]);
    }

    [Theory]
    [InlineData("abcdefghij", 0.2, "abcdefgh")]
    [InlineData("abcdefghij", 0, "abcdefghij")]
    [InlineData("abc😀efghij", 0.6, "abc")]
    [InlineData("abc😀efghij", 0.5, "abc😀")]
    public void The_cut_is_the_texts_whatever_its_tokens(string text, double share, string train)
    {
        (string before, string behind) = TextFile.Split(text, share);
        Assert.Equal(train, before);
        Assert.Equal(text, before + behind);
    }

    [Fact]
    public void A_text_too_short_is_an_error_that_names_the_file()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "short.txt");
        File.WriteAllText(path, "abc");
        Tokenizer tokenizer = TokenizerTrainer.Train(
            new TokenizerOptions { Kind = "char", SpecialTokens = false, VocabularySize = 3 }, TrainingTextFiles.Read([path]));
        var error = Assert.Throws<InvalidInputException>(
            () => WindowDataset.Load(path, tokenizer, 8, new DataOptions { TrainPath = path }));
        Assert.StartsWith($"{path}: the text has 3 tokens, but one window of model.max_seq_len 8 needs 9", error.Message);
    }

    private static long[] Epoch(IBatchSource source) =>
        [.. Enumerable.Range(0, source.BatchesPerEpoch).SelectMany(_ => source.Next().SampleIds)];
}
