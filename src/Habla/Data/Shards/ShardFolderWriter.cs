using System.Security.Cryptography;
using Habla.Storage;
using Habla.Tokenization;

namespace Habla.Data.Shards;

/// <summary>
/// Writes a folder of shards from documents that come one after the other. Each shard appears under its name when it is whole, and the
/// index after the last; a folder without an index is one that was not finished.
/// </summary>
public sealed class ShardFolderWriter
{
    /// <summary>Tokens in a shard where nothing else is said: files of 200 MB, or 400 MB for large vocabularies.</summary>
    public const long DefaultShardTokens = 100_000_000;

    private readonly string _folder;
    private readonly Tokenizer _tokenizer;
    private readonly long _shardTokens;
    private readonly IEnumerator<TokenizedDocument> _documents;
    private readonly List<ShardEntry> _entries = [];
    private TokenizedDocument? _current;
    private int[] _ids = [];
    private int _written;
    private ShardIndex _index;

    private ShardFolderWriter(
        string folder, Tokenizer tokenizer, IEnumerator<TokenizedDocument> documents, long shardTokens, ShardSplit? split)
    {
        (_folder, _tokenizer, _documents, _shardTokens) = (folder, tokenizer, documents, shardTokens);
        _index = new ShardIndex
        {
            VocabSize = tokenizer.VocabularySize,
            Dtype = ShardHeader.IdSizeOf(tokenizer.VocabularySize) == 2 ? "u16" : "u32",
            TokenizerSha256 = tokenizer.Fingerprint,
            SeparatorId = tokenizer.EosId,
            Split = split,
        };
    }

    /// <summary>Writes the shards, the tokenizer and the index. What the folder held of an earlier attempt is replaced.</summary>
    /// <param name="folder">The folder; it is made when missing.</param>
    /// <param name="tokenizer">The tokenizer that made the ids; the tokens that begin and end a sequence, if it has them, do
    /// so with each document.</param>
    /// <param name="documents">The documents, read once. Those without tokens are left out and counted.</param>
    /// <param name="shardTokens">The most tokens in a file; a document that does not fit goes on in the next. At least 1.</param>
    /// <param name="replace">Whether finished shards in the folder may be replaced. Default false.</param>
    /// <param name="split">Of which split the documents are which part; null (the default) for none.</param>
    /// <exception cref="InvalidInputException">
    /// The folder holds finished shards, cannot be written, or there is no document with a token.
    /// </exception>
    public static ShardIndex Write(
        string folder, Tokenizer tokenizer, IEnumerable<TokenizedDocument> documents, long shardTokens = DefaultShardTokens,
        bool replace = false, ShardSplit? split = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shardTokens);
        RefuseFinished(folder, replace);
        Clear(folder);
        using IEnumerator<TokenizedDocument> enumerator = documents.GetEnumerator();
        return new ShardFolderWriter(folder, tokenizer, enumerator, shardTokens, split).WriteAll();
    }

    /// <summary>Deletes the shards of a folder and their index; what else is in it stays.</summary>
    /// <param name="folder">The folder; it need not exist.</param>
    /// <exception cref="InvalidInputException">They cannot be deleted.</exception>
    public static void Clear(string folder)
    {
        try
        {
            string index = Path.Combine(folder, ShardIndex.FileName);
            if (File.Exists(index))
            {
                File.Delete(index); // before any shard, so that an index never names shards that are not its own
            }

            for (int number = 0; File.Exists(Path.Combine(folder, ShardIndex.NameOf(number))); number++)
            {
                File.Delete(Path.Combine(folder, ShardIndex.NameOf(number)));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"cannot replace the shards in {folder}: {error.Message} Choose another folder.", error);
        }
    }

    /// <summary>Says no when a folder has finished shards.</summary>
    /// <param name="folder">The folder; it need not exist.</param>
    /// <param name="replace">Whether they may be replaced.</param>
    /// <exception cref="InvalidInputException">It has.</exception>
    public static void RefuseFinished(string folder, bool replace)
    {
        if (!replace && File.Exists(Path.Combine(folder, ShardIndex.FileName)))
        {
            throw new InvalidInputException($"{folder} holds shards already; choose another folder, or replace them with --force.");
        }
    }

    private ShardIndex WriteAll()
    {
        while (NextDocument())
        {
            int number = _entries.Count;
            ShardHeader? header = null;
            AtomicFile.Write(Path.Combine(_folder, ShardIndex.NameOf(number)), stream => header = WriteShard(stream, number));
            _entries.Add(new ShardEntry(
                ShardIndex.NameOf(number), header!.Tokens, header.Documents, header.FileLength,
                Convert.ToHexStringLower(SHA256.HashData(header.ToBytes()))));
        }

        if (_entries.Count == 0)
        {
            throw new InvalidInputException($"{_folder}: there is no text to make shards of; no document has any.");
        }

        _tokenizer.Save(Path.Combine(_folder, ShardIndex.TokenizerFileName));
        _index = _index with { Shards = [.. _entries], Tokens = _entries.Sum(entry => entry.Tokens) };
        JsonFormat.WriteFile(Path.Combine(_folder, ShardIndex.FileName), _index);
        return _index;
    }

    private ShardHeader WriteShard(Stream stream, int number)
    {
        using var shard = new ShardWriter(stream, _tokenizer.VocabularySize);
        bool continues = _written > 0;
        while (shard.Tokens < _shardTokens && NextDocument())
        {
            int count = (int)Math.Min(_ids.Length - _written, _shardTokens - shard.Tokens);
            shard.BeginDocument(_current!.Id);
            shard.Write(_ids.AsSpan(_written, count));
            _written += count;
        }

        return shard.Finish(new ShardHeader
        {
            VocabularySize = _tokenizer.VocabularySize,
            SeparatorId = _tokenizer.EosId,
            Tokens = 0,
            Documents = 0,
            NameBytes = 0,
            Continues = continues,
            Number = number,
            TokenizerSha256 = _tokenizer.Fingerprint,
            ContentSha256 = "",
        });
    }

    /// <summary>Goes to the next document once the present one is written; false when there is none.</summary>
    private bool NextDocument()
    {
        if (_written < _ids.Length)
        {
            return true;
        }

        while (_documents.MoveNext())
        {
            _current = _documents.Current;
            if (_current.Ids.Length == 0)
            {
                _index = _index with { EmptyDocuments = _index.EmptyDocuments + 1 };
                continue;
            }

            _ids = Marked(_current.Ids);
            _written = 0;
            _index = _index with
            {
                Documents = _index.Documents + 1,
                TextBytes = _index.TextBytes + _current.TextBytes,
                UnknownTokens = _index.UnknownTokens + _current.UnknownTokens,
            };
            return true;
        }

        (_ids, _written) = ([], 0);
        return false;
    }

    /// <summary>
    /// A document between the tokens that begin and end a sequence: its first token has something to be predicted from, and where it ends
    /// can be learned.
    /// </summary>
    private int[] Marked(int[] ids)
    {
        int[] begin = _tokenizer.BosId >= 0 ? [_tokenizer.BosId] : [], end = _tokenizer.EosId >= 0 ? [_tokenizer.EosId] : [];
        return [.. begin, .. ids, .. end];
    }
}
