using System.Text;
using Habla.Data.Shards;
using Habla.Tensors;
using Habla.Tokenization;

namespace Habla.Tests.Data.Shards;

/// <summary>Documents of random ids and the shards made of them.</summary>
internal sealed class ShardSample : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Folder => _folder.In("shards");

    public string In(string name) => Path.Combine(Folder, name);

    /// <summary>A tokenizer of characters: ids from 4 on with special tokens, from 0 without.</summary>
    public static Tokenizer Tokenizer(int vocabularySize = 100, bool specialTokens = true)
    {
        // Ideographs, first those of one UTF-16 unit.
        IEnumerable<Rune> runes = Enumerable.Range(0x4E00, 20_000).Concat(Enumerable.Range(0x20000, 42_000))
            .Concat(Enumerable.Range(0xAC00, 11_000)).Select(code => new Rune(code));
        string alphabet = string.Concat(runes.Take(vocabularySize - (specialTokens ? 4 : 0)));
        var options = new TokenizerOptions { Kind = "char", VocabularySize = vocabularySize, SpecialTokens = specialTokens };
        return TokenizerTrainer.Train(options, new TrainingText([alphabet]));
    }

    public static TokenizedDocument[] Documents(int count, int longest = 30, int vocabularySize = 100, ulong seed = 1)
    {
        var random = new SeededRandom(seed, RandomPurpose.Corpus);
        return
        [
            .. Enumerable.Range(0, count).Select(number =>
            {
                int[] ids = new int[1 + random.Below((ulong)number, longest)];
                for (int i = 0; i < ids.Length; i++)
                {
                    ids[i] = new SeededRandom(seed, RandomPurpose.Corpus, (uint)number + 1).Below((ulong)i, vocabularySize);
                }

                return new TokenizedDocument($"document {number} é", ids, 2 * ids.Length, number % 2);
            }),
        ];
    }

    /// <summary>All documents one after the other, each between the tokens that begin and end it.</summary>
    public static int[] Stream(IEnumerable<TokenizedDocument> documents, Tokenizer tokenizer) =>
        [.. documents.SelectMany(document =>
            tokenizer.EosId < 0 ? document.Ids : [tokenizer.BosId, .. document.Ids, tokenizer.EosId])];

    public TokenShards Write(IEnumerable<TokenizedDocument> documents, Tokenizer tokenizer, long shardTokens)
    {
        ShardFolderWriter.Write(Folder, tokenizer, documents, shardTokens, replace: true);
        return TokenShards.Open(Folder);
    }

    public void Dispose() => _folder.Dispose();
}
