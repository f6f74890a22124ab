using System.Text;
using Habla.Tensors.Threading;

namespace Habla.BytePairs;

/// <summary>
/// Learns a byte-level vocabulary. First the pieces of the text are counted (<see cref="Count(IEnumerable{ReadOnlyMemory{byte}})"/>,
/// as often as there is text), then the pair of neighbouring tokens that occurs most often becomes a token, again and again
/// (<see cref="Train"/>). Of pairs equally often the lexicographically smaller goes first: by the left token's bytes, then by the right
/// one's. A pair whose joined bytes are a token already is passed over.
/// </summary>
/// <remarks>
/// The same text and options give the same vocabulary for any number of threads and however the text is cut into parts. Memory grows
/// with the distinct pieces, not with the text.
/// Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units", ACL 2016.
/// </remarks>
public sealed class ByteLevelTrainer
{
    private const int MergesPerReport = 256;
    private readonly ByteLevelTrainerOptions _options;
    private readonly Action<ByteLevelProgress>? _progress;
    private WordCounts? _words = new();

    /// <summary>Prepares to count.</summary>
    /// <param name="options">What the vocabulary is to be like.</param>
    /// <param name="progress">
    /// Is told every quarter of a megabyte and every 256 rules, by one thread at a time, not always the caller's; null tells nobody.
    /// </param>
    /// <exception cref="InvalidInputException">An option is impossible.</exception>
    public ByteLevelTrainer(ByteLevelTrainerOptions options, Action<ByteLevelProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_options, _progress) = (options, progress);
    }

    /// <summary>Bytes of text counted so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Distinct pieces so far.</summary>
    public int DistinctWords { get; private set; }

    /// <summary>Counts the pieces of documents; no piece crosses from one to the next.</summary>
    /// <param name="documents">
    /// UTF-8, or any bytes. Asked for one after the other while earlier ones are being counted, by one thread at a time; a document
    /// must not change until this returns, and nothing refers to it soon after it is counted.
    /// </param>
    /// <exception cref="InvalidOperationException">The vocabulary was learned already.</exception>
    public void Count(IEnumerable<ReadOnlyMemory<byte>> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        using IEnumerator<ReadOnlyMemory<byte>> each = documents.GetEnumerator();
        Count(new DocumentParts(each));
    }

    /// <summary>Counts the pieces of one document as it is read.</summary>
    /// <param name="document">UTF-8, or any bytes; read to its end, by one thread at a time, and left open.</param>
    /// <exception cref="InvalidOperationException">The vocabulary was learned already.</exception>
    public void Count(Stream document)
    {
        ArgumentNullException.ThrowIfNull(document);
        Count(new StreamParts(document));
    }

    /// <summary>Learns the vocabulary from all that was counted; once, for the counts are given up on the way.</summary>
    /// <exception cref="InvalidInputException">The text cannot give so many tokens; the message names both numbers.</exception>
    /// <exception cref="InvalidOperationException">It was called before.</exception>
    public ByteVocabulary Train()
    {
        IEnumerable<byte[]?> special = _options.SpecialTokens.Select(_ => (byte[]?)null);
        IEnumerable<byte[]> bytes = Enumerable.Range(0, 256).Select(value => new[] { (byte)value });
        var learner = new MergeLearner([.. special, .. bytes], _options.SpecialTokens.Select(Encoding.UTF8.GetBytes), Words);
        _words = null;
        int wanted = _options.VocabularySize - learner.Tokens.Count;
        while (learner.Merges.Count < wanted && learner.Learn())
        {
            if (learner.Merges.Count % MergesPerReport == 0 || learner.Merges.Count == wanted)
            {
                _progress?.Invoke(new ByteLevelProgress(Bytes, learner.Merges.Count, wanted));
            }
        }

        if (learner.Merges.Count < wanted)
        {
            throw new InvalidOptionException(
                "tokenizer.vocab_size",
                $"{_options.VocabularySize} tokens were asked for, but the training text only gives {learner.Tokens.Count}; "
                    + "ask for fewer or train on more text");
        }

        return new ByteVocabulary(learner.Tokens, learner.Merges);
    }

    private WordCounts Words => _words ?? throw new InvalidOperationException("the vocabulary was learned already");

    private void Count(TextParts text)
    {
        WordCounts words = Words;
        using var pool = new WorkerPool(_options.Threads);
        var counter = new WordCounter(_options.Pattern, Counted);
        counter.Count(text, words, pool);
        DistinctWords = words.Count;
    }

    private void Counted(long bytes)
    {
        Bytes += bytes;
        _progress?.Invoke(new ByteLevelProgress(Bytes, 0, _options.VocabularySize - _options.SpecialTokens.Count - 256));
    }
}
