using Habla.Data.Shards;
using Habla.Tokenization;

namespace Habla.Tests.Data.Shards;

public sealed class TokenShardsTests : IDisposable
{
    private readonly ShardSample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Theory]
    [InlineData(100, true, 1_000_000, 1, "u16")]
    [InlineData(100, false, 1_000_000, 1, "u16")]
    [InlineData(65_536, true, 100, 8, "u16")]
    [InlineData(65_537, true, 100, 8, "u32")]
    public void What_was_written_is_read_wherever_one_begins(
        int vocabularySize, bool specialTokens, long shardTokens, int fewestShards, string dtype)
    {
        Tokenizer tokenizer = ShardSample.Tokenizer(vocabularySize, specialTokens);
        TokenizedDocument[] documents = ShardSample.Documents(50, 30, vocabularySize);
        int[] stream = ShardSample.Stream(documents, tokenizer);

        using TokenShards shards = _sample.Write(documents, tokenizer, shardTokens);

        Assert.Equal(stream.Length, shards.Length);
        Assert.Equal(50, shards.Documents);
        Assert.Equal((vocabularySize, tokenizer.EosId), (shards.VocabularySize, shards.SeparatorId));
        Assert.InRange(shards.ShardCount, fewestShards, fewestShards + 2);
        ShardIndex index = shards.Index!;
        Assert.Equal((dtype, stream.Length, 50), (index.Dtype, index.Tokens, index.Documents));
        Assert.Equal((documents.Sum(document => document.TextBytes), 25), (index.TextBytes, index.UnknownTokens));
        Assert.All(index.Shards, shard => Assert.InRange(shard.Tokens, 1, shardTokens));
        foreach (int length in (int[])[0, 1, 7, 99, 100, 101, 700])
        {
            int[] ids = new int[Math.Min(length, stream.Length)];
            for (int start = 0; start + ids.Length <= stream.Length; start++)
            {
                shards.Copy(start, ids);
                Assert.True(ids.AsSpan().SequenceEqual(stream.AsSpan(start, ids.Length)), $"{length} from {start}");
            }
        }

        shards.Verify();
        shards.RefuseOtherTokenizer(Tokenizer.Load(TokenShards.TokenizerFileOf(_sample.Folder)));
        Assert.Throws<ArgumentOutOfRangeException>(() => shards.Copy(stream.Length, new int[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => shards.Copy(-1, new int[1]));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(31)]
    [InlineData(1000)]
    public void Each_token_leads_to_its_document_and_documents_begin_where_they_did(long shardTokens)
    {
        Tokenizer tokenizer = ShardSample.Tokenizer();
        TokenizedDocument[] documents = ShardSample.Documents(40);
        using TokenShards shards = _sample.Write(documents, tokenizer, shardTokens);
        var expected = documents
            .SelectMany(document => Enumerable.Range(0, document.Ids.Length + 2).Select(i => new TokenSource(document.Id, i))).ToList();

        Assert.Equal(expected, Enumerable.Range(0, (int)shards.Length).Select(token => shards.SourceOf(token)));
        for (int start = 0; start < shards.Length; start++)
        {
            bool[] beginnings = new bool[Math.Min(45, shards.Length - start)];
            shards.CopyBeginnings(start, beginnings);
            Assert.Equal(expected.Skip(start).Take(beginnings.Length).Select(source => source.Position == 0), beginnings);
        }
    }

    [Fact]
    public void A_single_shard_is_a_stream_of_its_own()
    {
        Tokenizer tokenizer = ShardSample.Tokenizer();
        TokenizedDocument[] documents = ShardSample.Documents(40);
        int[] stream = ShardSample.Stream(documents, tokenizer);
        using TokenShards whole = _sample.Write(documents, tokenizer, 100);
        using TokenShards second = TokenShards.Open(_sample.In("shard-00001.habla"));
        int[] ids = new int[100];
        second.Copy(0, ids);
        Assert.Equal(stream[100..200], ids);
        Assert.Equal(whole.SourceOf(199).Document, second.SourceOf(99).Document);
        Assert.True(File.Exists(TokenShards.TokenizerFileOf(_sample.In("shard-00001.habla"))));
        Assert.Equal(_sample.In("shard-00001.habla"), TokenShards.HashedFileOf(_sample.In("shard-00001.habla")));
        Assert.Equal(_sample.In("shards.json"), TokenShards.HashedFileOf(_sample.Folder));
    }

    [Fact]
    public void The_same_documents_give_the_same_bytes_and_empty_ones_are_counted()
    {
        Tokenizer tokenizer = ShardSample.Tokenizer();
        TokenizedDocument[] documents = [.. ShardSample.Documents(20), new("empty", [], 0, 0)];
        _sample.Write(documents, tokenizer, 60).Dispose();
        Dictionary<string, byte[]> first = Files();
        Assert.Equal(1, ShardIndex.Read(_sample.Folder).EmptyDocuments);
        Assert.Throws<InvalidInputException>(() => ShardFolderWriter.Write(_sample.Folder, tokenizer, documents));
        _sample.Write(documents, tokenizer, 10).Dispose(); // more shards, of which the next ones leave some over
        _sample.Write(documents, tokenizer, 60).Dispose();
        Assert.Equal(first, Files());
        Assert.Throws<InvalidInputException>(() => _sample.Write([documents[^1]], tokenizer, 60));
        Assert.Throws<InvalidInputException>(() => TokenShards.Open(_sample.Folder)); // was not finished
    }

    [Fact]
    public void Another_tokenizer_is_refused_with_both_hashes()
    {
        using TokenShards shards = _sample.Write(ShardSample.Documents(3), ShardSample.Tokenizer(), 100);
        Tokenizer other = ShardSample.Tokenizer(101);
        string message = Assert.Throws<InvalidInputException>(() => shards.RefuseOtherTokenizer(other)).Message;
        Assert.Contains(other.Fingerprint, message, StringComparison.Ordinal);
        Assert.Contains(shards.TokenizerSha256, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_may_read_side_by_side()
    {
        Tokenizer tokenizer = ShardSample.Tokenizer();
        TokenizedDocument[] documents = ShardSample.Documents(400);
        int[] stream = ShardSample.Stream(documents, tokenizer);
        using TokenShards shards = _sample.Write(documents, tokenizer, 500);
        Parallel.For(0, 5_000, read =>
        {
            int start = read * 37 % (stream.Length - 64);
            int[] ids = new int[64];
            shards.Copy(start, ids);
            Assert.True(ids.AsSpan().SequenceEqual(stream.AsSpan(start, 64)));
        });
    }

    private Dictionary<string, byte[]> Files() =>
        Directory.EnumerateFiles(_sample.Folder).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
}
