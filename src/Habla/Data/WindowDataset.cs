using System.Globalization;
using Habla.Tokenization;

namespace Habla.Data;

/// <summary>
/// Windows that slide over one long stream of tokens. A window of <c>T</c> inputs also sees one token more, its last target; at
/// stride 1 a stream of N tokens has N − T windows. Nothing is copied: a window is a slice of the stream.
/// </summary>
public sealed class WindowDataset : SequenceDataset
{
    private readonly ReadOnlyMemory<int> _stream;
    private readonly int _stride;

    /// <summary>Lays windows over a stream.</summary>
    /// <param name="stream">
    /// The token ids, more than <paramref name="sequenceLength"/>; 2 are enough with <paramref name="coverTail"/>.
    /// </param>
    /// <param name="sequenceLength">Inputs in a window, <c>T</c>; at least 1.</param>
    /// <param name="stride">Tokens from the start of a window to the start of the next; at least 1. Default 1.</param>
    /// <param name="coverTail">
    /// Whether what is left behind the last whole window becomes a shorter one, padded under masks, so that no target is lost. With a
    /// stride of <paramref name="sequenceLength"/> each token but the first is then a target exactly once. Default false.
    /// </param>
    /// <param name="padId">The token that fills up the last window; the masks keep it from mattering. Default 0.</param>
    /// <exception cref="InvalidInputException">The stream is too short for one window.</exception>
    public WindowDataset(ReadOnlyMemory<int> stream, int sequenceLength, int stride = 1, bool coverTail = false, int padId = 0)
        : base(sequenceLength, padId)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stride);
        var layout = new WindowLayout(stream.Length, sequenceLength, stride, coverTail);
        if (stream.Length < layout.Needed)
        {
            throw new InvalidInputException(string.Create(
                CultureInfo.InvariantCulture,
                $"the text has {stream.Length} tokens, but one window of model.max_seq_len {sequenceLength} needs {layout.Needed}; ")
                + "use a longer text or shorter windows.");
        }

        _stream = stream;
        _stride = stride;
        Count = layout.Count;
    }

    /// <inheritdoc/>
    public override long Count { get; }

    /// <summary>The token ids that the windows slide over.</summary>
    public ReadOnlyMemory<int> Stream => _stream;

    /// <summary>Characters of its text that became <c>&lt;unk&gt;</c> when it was read; 0 for a stream of ids.</summary>
    public int UnknownTokens { get; private init; }

    /// <inheritdoc/>
    public override ReadOnlySpan<int> Sequence(long index, Span<int> room)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        int start = (int)(index * _stride);
        return _stream.Span.Slice(start, Math.Min(SequenceLength + 1, _stream.Length - start));
    }

    /// <summary>The same stream in windows side by side, or in windows at equal distances where those would be too many.</summary>
    /// <param name="atMost">The most windows; at least 1.</param>
    public WindowDataset ForEvaluation(long atMost)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(atMost);
        long whole = (_stream.Length - 1) / SequenceLength;
        return whole <= atMost
            ? new WindowDataset(_stream, SequenceLength, SequenceLength, coverTail: true)
            : new WindowDataset(_stream, SequenceLength, (int)((_stream.Length - 1) / atMost) + 1);
    }

    /// <summary>
    /// Reads a text and cuts it in two: training windows at the stride asked for, and behind them, where
    /// <see cref="DataOptions.ValidationFraction"/> asks for it, validation windows side by side. No window crosses the cut.
    /// </summary>
    /// <param name="path">A text file.</param>
    /// <param name="tokenizer">Any tokenizer.</param>
    /// <param name="sequenceLength">Inputs in a window, <c>T</c>.</param>
    /// <param name="options">Stride and share of validation.</param>
    /// <returns>The training windows; the validation windows, or null when none were asked for.</returns>
    /// <exception cref="InvalidInputException">
    /// The file is missing, empty or too short, or has a character the tokenizer cannot write.
    /// </exception>
    public static (WindowDataset Train, WindowDataset? Validation) Load(
        string path, Tokenizer tokenizer, int sequenceLength, DataOptions options)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(options);
        (string train, string validation) = TextFile.Split(TextFile.Read(path), options.ValidationFraction);
        return Named(path, () =>
        {
            EncodedText encoded = tokenizer.Encode(train);
            var windows = new WindowDataset(encoded.Ids, sequenceLength, options.Stride, padId: Math.Max(0, tokenizer.PadId))
            {
                UnknownTokens = encoded.UnknownCount,
            };
            return (windows, options.ValidationFraction > 0 ? ForEvaluation(validation, tokenizer, sequenceLength) : null);
        });
    }

    /// <summary>Reads a text for evaluation: windows side by side, so that each token but the first is a target exactly once.</summary>
    /// <param name="path">A text file.</param>
    /// <param name="tokenizer">Any tokenizer.</param>
    /// <param name="sequenceLength">Inputs in a window, <c>T</c>.</param>
    /// <exception cref="InvalidInputException">
    /// The file is missing, empty or too short, or has a character the tokenizer cannot write.
    /// </exception>
    public static WindowDataset LoadForEvaluation(string path, Tokenizer tokenizer, int sequenceLength)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        string text = TextFile.Read(path);
        return Named(path, () => ForEvaluation(text, tokenizer, sequenceLength));
    }

    private static WindowDataset ForEvaluation(string text, Tokenizer tokenizer, int sequenceLength)
    {
        EncodedText encoded = tokenizer.Encode(text);
        return new WindowDataset(encoded.Ids, sequenceLength, sequenceLength, coverTail: true, padId: Math.Max(0, tokenizer.PadId))
        {
            UnknownTokens = encoded.UnknownCount,
        };
    }

    private static T Named<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"{path}: {error.Message}", error);
        }
    }
}
