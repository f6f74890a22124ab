using Habla.Tokenization;

namespace Habla.Data.Shards;

/// <summary>
/// A folder of shards, or a single one, as one long stream of tokens: where one shard ends the next goes on. Nothing but headers is
/// in memory; whatever is asked for is copied out of the memory map. May be used by several threads.
/// </summary>
public sealed class TokenShards : IDisposable
{
    /// <summary>
    /// Bytes that reads may have brought in before all pages are given back. The system gives and takes pages as it likes, but counts them
    /// as this process's memory while they are mapped; so that stays this small however long it trains.
    /// </summary>
    internal const long MappedAtMost = 128L << 20;

    // The system maps what it keeps together of a file around a page that is missing, up to a huge page. Measured on Linux 6.18 with ext4,
    // windows from everywhere in a file that is in memory: 1 MB each, so about half of the above.
    private const long AroundARead = 2L << 20;

    private readonly Lock _lock = new();
    private readonly ShardFile[] _files;
    private readonly long[] _starts;
    private readonly long _bytes;
    private long _mapped;

    private TokenShards(string path, ShardFile[] files, ShardIndex? index)
    {
        (Path, _files, Index) = (path, files, index);
        _starts = new long[files.Length];
        for (int i = 0; i < files.Length; i++)
        {
            _starts[i] = Length;
            Length += files[i].Header.Tokens;
            _bytes += files[i].Header.FileLength;
        }
    }

    /// <summary>The folder or file.</summary>
    public string Path { get; }

    /// <summary>What the folder's index says; null for a single shard.</summary>
    public ShardIndex? Index { get; }

    /// <summary>Tokens in all.</summary>
    public long Length { get; }

    /// <summary>Documents in all; one that is spread over several shards is one.</summary>
    public long Documents => _files.Sum(file => file.Header.Documents) - _files.Skip(1).Count(file => file.Header.Continues);

    /// <summary>How many shards there are.</summary>
    public int ShardCount => _files.Length;

    /// <summary>The number of tokens of the tokenizer.</summary>
    public int VocabularySize => _files[0].Header.VocabularySize;

    /// <summary>The id at the end of each document, or -1 for none.</summary>
    public int SeparatorId => _files[0].Header.SeparatorId;

    /// <summary>SHA-256 of the tokenizer that made the ids.</summary>
    public string TokenizerSha256 => _files[0].Header.TokenizerSha256;

    /// <summary>Whether a path is one of shards: a folder, or a file whose name ends as a shard's does.</summary>
    /// <param name="path">Any path.</param>
    public static bool IsShards(string path) =>
        Directory.Exists(path) || System.IO.Path.GetExtension(path) == ShardIndex.Extension;

    /// <summary>The file whose hash stands for all of the data: the index of a folder, or a single shard itself.</summary>
    /// <param name="path">A folder of shards, or one shard.</param>
    public static string HashedFileOf(string path) =>
        System.IO.Path.GetExtension(path) == ShardIndex.Extension ? path : System.IO.Path.Combine(path, ShardIndex.FileName);

    /// <summary>The tokenizer's file that stands beside shards.</summary>
    /// <param name="path">A folder of shards, or one shard.</param>
    public static string TokenizerFileOf(string path) => System.IO.Path.Combine(
        System.IO.Path.GetExtension(path) == ShardIndex.Extension ? System.IO.Path.GetDirectoryName(path)! : path,
        ShardIndex.TokenizerFileName);

    /// <summary>Opens shards: headers, tables of documents and lengths are checked, ids as they are read.</summary>
    /// <param name="path">A folder with a <c>shards.json</c>, or one shard.</param>
    /// <exception cref="InvalidInputException">
    /// Something is missing, damaged, unfinished, or does not belong together; the message names the file.
    /// </exception>
    public static TokenShards Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool isSingle = System.IO.Path.GetExtension(path) == ShardIndex.Extension && !Directory.Exists(path);
        ShardIndex? index = isSingle ? null : ShardIndex.Read(path);
        string[] paths = index is null ? [path] : [.. index.Shards.Select(shard => System.IO.Path.Combine(path, shard.File))];
        var files = new List<ShardFile>();
        try
        {
            foreach (string file in paths)
            {
                files.Add(ShardFile.Open(file));
                Check(files, index);
            }

            return new TokenShards(path, [.. files], index);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>Refuses shards that another tokenizer made.</summary>
    /// <param name="tokenizer">The tokenizer to train with.</param>
    /// <exception cref="InvalidInputException">They are; the message has both hashes.</exception>
    public void RefuseOtherTokenizer(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (TokenizerSha256 != tokenizer.Fingerprint)
        {
            throw new InvalidInputException(
                $"{Path}: the shards were made with the tokenizer of SHA-256 {TokenizerSha256}, and this one has {tokenizer.Fingerprint}; "
                + "make them again with this tokenizer (habla tokenizer encode --out), or set tokenizer.path to theirs.");
        }
    }

    /// <summary>Copies token ids.</summary>
    /// <param name="start">The first, from 0.</param>
    /// <param name="ids">Gets as many as it has room for.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    /// <exception cref="InvalidInputException">A shard is damaged there.</exception>
    public void Copy(long start, Span<int> ids)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length - ids.Length);
        lock (_lock)
        {
            for (int shard = ShardOf(start), done = 0; done < ids.Length; shard++)
            {
                long from = start + done - _starts[shard];
                int count = (int)Math.Min(ids.Length - done, _files[shard].Header.Tokens - from);
                _files[shard].Copy(from, ids.Slice(done, count));
                done += count;
                Mapped(count * (long)_files[shard].Header.IdSize);
            }
        }
    }

    /// <summary>Tells which tokens are the first of a document.</summary>
    /// <param name="start">The first token asked about, from 0.</param>
    /// <param name="beginnings">Gets true for each of the tokens from there on that begins a document.</param>
    public void CopyBeginnings(long start, Span<bool> beginnings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length - beginnings.Length);
        beginnings.Clear();
        lock (_lock)
        {
            long end = start + beginnings.Length;
            for (int shard = ShardOf(start); shard < _files.Length && _starts[shard] < end; shard++)
            {
                ShardFile file = _files[shard];
                long document = file.DocumentOf(Math.Max(0, start - _starts[shard]));
                Mapped(0);
                for (; document < file.Header.Documents && _starts[shard] + file.StartOf(document) < end; document++)
                {
                    long token = _starts[shard] + file.StartOf(document);
                    bool begins = token >= start && !(document == 0 && file.Header.Continues);
                    if (begins)
                    {
                        beginnings[(int)(token - start)] = true;
                    }
                }
            }
        }
    }

    /// <summary>The document that a token comes from.</summary>
    /// <param name="token">Which token, from 0.</param>
    public TokenSource SourceOf(long token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, Length);
        lock (_lock)
        {
            int shard = ShardOf(token);
            long document = _files[shard].DocumentOf(token - _starts[shard]);
            string name = _files[shard].NameOf(document);
            while (document == 0 && shard > 0 && _files[shard].Header.Continues)
            {
                document = _files[--shard].Header.Documents - 1;
            }

            return new TokenSource(name, token - _starts[shard] - _files[shard].StartOf(document));
        }
    }

    /// <summary>The ids of all documents in order, read as they are asked for; one that is spread over shards comes for each.</summary>
    public IEnumerable<string> DocumentNames()
    {
        foreach (ShardFile file in _files)
        {
            for (long document = 0; document < file.Header.Documents; document++)
            {
                string name;
                lock (_lock)
                {
                    name = file.NameOf(document);
                    Mapped(0);
                }

                yield return name;
            }
        }
    }

    /// <summary>Reads everything and holds it against the hashes; takes as long as reading all files does.</summary>
    /// <exception cref="InvalidInputException">A shard is damaged.</exception>
    public void Verify()
    {
        lock (_lock)
        {
            foreach (ShardFile file in _files)
            {
                file.Verify();
                file.Unmap();
            }
        }
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            Array.ForEach(_files, file => file.Dispose());
        }
    }

    private static void Check(List<ShardFile> files, ShardIndex? index)
    {
        ShardFile first = files[0], last = files[^1];
        if (index is null)
        {
            return;
        }

        int number = files.Count - 1;
        ShardEntry entry = index.Shards[number];
        bool belongs = last.HeaderSha256 == entry.HeaderSha256 && last.Header.Tokens == entry.Tokens && last.Header.Number == number;
        bool isAlike = last.Header.TokenizerSha256 == index.TokenizerSha256 && last.Header.VocabularySize == index.VocabSize
            && last.Header.SeparatorId == first.Header.SeparatorId && (number > 0 || !last.Header.Continues);
        if (!belongs || !isAlike)
        {
            throw ShardHeader.Refused(last.Path, $"it is not the shard that {ShardIndex.FileName} tells of");
        }
    }

    private int ShardOf(long token)
    {
        int found = Array.BinarySearch(_starts, token);
        return found >= 0 ? found : ~found - 1;
    }

    private void Mapped(long bytes)
    {
        _mapped += bytes + AroundARead;
        if (_mapped > MappedAtMost && _bytes > MappedAtMost)
        {
            Array.ForEach(_files, file => file.Unmap());
            _mapped = 0;
        }
    }
}
